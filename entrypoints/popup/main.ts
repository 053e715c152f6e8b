import { followSystemTheme, mountPage } from '../../components/mount-page'
import PopupRoot from '../../components/PopupRoot.vue'
import { controlPlane, onIdentityChanged, onPrivacyChanged } from '../../platform/control-client'
import { translate } from '../../platform/translate'
import { useHistoryStore } from '../../stores/history'
import { useIdentityStore } from '../../stores/identity'
import { usePrivacyStore } from '../../stores/privacy'

const plane = controlPlane()

followSystemTheme()
mountPage(PopupRoot, translate)
void useIdentityStore().attach({ plane, onChanged: onIdentityChanged })
void usePrivacyStore().attach({ plane, onChanged: onPrivacyChanged })
useHistoryStore().attach(plane)
