import { followSystemTheme, mountPage } from '../../components/mount-page'
import PopupRoot from '../../components/PopupRoot.vue'
import { controlPlane, onIdentityChanged } from '../../platform/control-client'
import { translate } from '../../platform/translate'
import { useHistoryStore } from '../../stores/history'
import { useIdentityStore } from '../../stores/identity'

const plane = controlPlane()

followSystemTheme()
mountPage(PopupRoot, translate)
void useIdentityStore().attach({ plane, onChanged: onIdentityChanged })
useHistoryStore().attach(plane)
