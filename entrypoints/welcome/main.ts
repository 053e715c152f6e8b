import { followSystemTheme, mountPage } from '../../components/mount-page'
import WelcomeRoot from '../../components/WelcomeRoot.vue'
import { controlPlane, onIdentityChanged, onPrivacyChanged } from '../../platform/control-client'
import { translate } from '../../platform/translate'
import { useIdentityStore } from '../../stores/identity'
import { usePrivacyStore } from '../../stores/privacy'

const plane = controlPlane()

followSystemTheme()
mountPage(WelcomeRoot, translate)
void useIdentityStore().attach({ plane, onChanged: onIdentityChanged })
void usePrivacyStore().attach({ plane, onChanged: onPrivacyChanged })
