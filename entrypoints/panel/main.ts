import browser from 'webextension-polyfill'
import { mountPage } from '../../components/mount-page'
import PanelRoot from '../../components/PanelRoot.vue'
import { controlPlane, onIdentityChanged } from '../../platform/control-client'
import { connectToHost } from '../../platform/host-connection'
import { useIdentityStore } from '../../stores/identity'
import { useRoomStore } from '../../stores/room'

const plane = controlPlane()

mountPage(PanelRoot, (key, substitutions) => browser.i18n.getMessage(key, substitutions))
void useIdentityStore().attach({ plane, onChanged: onIdentityChanged })
useRoomStore().attach((events) => connectToHost({ ensureHost: () => plane.ensureHost(), ...events }))
