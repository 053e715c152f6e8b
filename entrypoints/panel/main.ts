import { mountPage } from '../../components/mount-page'
import PanelRoot from '../../components/PanelRoot.vue'
import { controlPlane, onIdentityChanged } from '../../platform/control-client'
import { connectToHost } from '../../platform/host-connection'
import { translate } from '../../platform/translate'
import { useIdentityStore } from '../../stores/identity'
import { useRoomStore } from '../../stores/room'

const plane = controlPlane()

// The page's theme is in the address; later changes come from the host.
document.documentElement.dataset.theme = location.hash === '#light' ? 'light' : 'dark'
mountPage(PanelRoot, translate)
void useIdentityStore().attach({ plane, onChanged: onIdentityChanged })
useRoomStore().attach((events) => connectToHost({ ensureHost: () => plane.ensureHost(), ...events }))
