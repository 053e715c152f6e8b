import { watch } from 'vue'
import { followLanguage, followTextSize } from '../../components/dress'
import { mountPage } from '../../components/mount-page'
import PanelRoot from '../../components/PanelRoot.vue'
import { controlPlane, onIdentityChanged } from '../../platform/control-client'
import { emotePermission } from '../../platform/emote-permission'
import { connectToHost } from '../../platform/host-connection'
import type { MakeRetry } from '../../platform/kept-port'
import { openOwnTab } from '../../platform/own-tab'
import { RealClock } from '../../platform/real-clock'
import { recentEmotes } from '../../platform/recent-emotes'
import { appearanceSettings, attentionSettings, chosenLanguage } from '../../platform/settings'
import { prepareTexts, translate } from '../../platform/translate'
import { Retry } from '../../services/reconnection/retry'
import { useAppearanceStore } from '../../stores/appearance'
import { useAttentionStore } from '../../stores/attention'
import { useEmoteConsentStore } from '../../stores/emote-consent'
import { useEmotesStore } from '../../stores/emotes'
import { useIdentityStore } from '../../stores/identity'
import { useNameStore } from '../../stores/name'
import { useRoomStore } from '../../stores/room'

const plane = controlPlane()
const clock = new RealClock()
const retry: MakeRetry = (task, firstMs) => new Retry({ clock, random: Math.random, task, firstMs })

// The page's theme is in the address; later changes come from the host.
document.documentElement.dataset.theme = location.hash === '#light' ? 'light' : 'dark'
await prepareTexts(await chosenLanguage())
mountPage(
  PanelRoot,
  translate,
  { openTwitch: () => void plane.openTwitchPage().catch(() => {}) },
  () => void openOwnTab('/popup.html'),
)
followTextSize()
followLanguage(prepareTexts)
void useAppearanceStore().attach(appearanceSettings)
void useAttentionStore().attach(attentionSettings)
void useIdentityStore().attach({ plane, onChanged: onIdentityChanged })
useNameStore().attach(plane)
void useEmoteConsentStore().attach({
  ...emotePermission,
  isGranted: () => plane.emotesAllowed(),
  // By the host's port: Firefox sends announcements to no frame in somebody else's page.
  onChanged: (listener) => watch(() => useEmotesStore().allowed, listener),
})
useRoomStore().attach((events) => {
  const emotes = useEmotesStore()
  const host = connectToHost({
    ensureHost: () => plane.ensureHost(),
    retry,
    onEmotesChanged: () => void emotes.refresh(),
    ...events,
  })
  emotes.attach({ load: () => host.emotes(), recent: recentEmotes })
  return host
})
