import { followSystemTheme, mountPage } from '../../components/mount-page'
import PopupRoot from '../../components/PopupRoot.vue'
import { controlPlane, onIdentityChanged } from '../../platform/control-client'
import { translate } from '../../platform/translate'
import { useIdentityStore } from '../../stores/identity'

followSystemTheme()
mountPage(PopupRoot, translate)
void useIdentityStore().attach({ plane: controlPlane(), onChanged: onIdentityChanged })
