import { followSystemTheme, mountPage } from '../../components/mount-page'
import WelcomeRoot from '../../components/WelcomeRoot.vue'
import { controlPlane, onIdentityChanged } from '../../platform/control-client'
import { translate } from '../../platform/translate'
import { useIdentityStore } from '../../stores/identity'

followSystemTheme()
mountPage(WelcomeRoot, translate)
void useIdentityStore().attach({ plane: controlPlane(), onChanged: onIdentityChanged })
