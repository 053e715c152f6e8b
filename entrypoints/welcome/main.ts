import browser from 'webextension-polyfill'
import { followSystemTheme, mountPage } from '../../components/mount-page'
import WelcomeRoot from '../../components/WelcomeRoot.vue'
import { controlPlane, onIdentityChanged } from '../../platform/control-client'
import { useIdentityStore } from '../../stores/identity'

followSystemTheme()
mountPage(WelcomeRoot, (key, substitutions) => browser.i18n.getMessage(key, substitutions))
void useIdentityStore().attach({ plane: controlPlane(), onChanged: onIdentityChanged })
