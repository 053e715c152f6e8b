import { followTextSize } from '../../components/dress'
import { mountPage } from '../../components/mount-page'
import PanelRoot from '../../components/PanelRoot.vue'
import { controlPlane, onIdentityChanged } from '../../platform/control-client'
import { connectToHost } from '../../platform/host-connection'
import type { MakeRetry } from '../../platform/kept-port'
import { RealClock } from '../../platform/real-clock'
import { appearanceSettings } from '../../platform/settings'
import { translate } from '../../platform/translate'
import { Retry } from '../../services/reconnection/retry'
import { useAppearanceStore } from '../../stores/appearance'
import { useIdentityStore } from '../../stores/identity'
import { useRoomStore } from '../../stores/room'

const plane = controlPlane()
const clock = new RealClock()
const retry: MakeRetry = (task, firstMs) => new Retry({ clock, random: Math.random, task, firstMs })

// The page's theme is in the address; later changes come from the host.
document.documentElement.dataset.theme = location.hash === '#light' ? 'light' : 'dark'
mountPage(PanelRoot, translate, { openTwitch: () => void plane.openTwitchPage().catch(() => {}) })
followTextSize()
void useAppearanceStore().attach(appearanceSettings)
void useIdentityStore().attach({ plane, onChanged: onIdentityChanged })
useRoomStore().attach((events) => connectToHost({ ensureHost: () => plane.ensureHost(), retry, ...events }))
