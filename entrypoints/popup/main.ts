import { followAppearance, followLanguage } from '../../components/dress'
import { mountPage } from '../../components/mount-page'
import PopupRoot from '../../components/PopupRoot.vue'
import { choicesOver } from '../../platform/choices-client'
import {
  controlPlane,
  onEmotesChanged,
  onIdentityChanged,
  onPrivacyChanged,
  onTwitchChanged,
} from '../../platform/control-client'
import { emotePermission } from '../../platform/emote-permission'
import { notificationPermission } from '../../platform/notifications'
import { isPopup, openOwnTab } from '../../platform/own-tab'
import { pictureCodec } from '../../platform/picture-codec'
import { appearanceSettings, attentionSettings, chosenLanguage } from '../../platform/settings'
import { browserShortcuts } from '../../platform/shortcuts'
import { prepareTexts, translate } from '../../platform/translate'
import { useAccountStore } from '../../stores/account'
import { useAppearanceStore } from '../../stores/appearance'
import { useAttentionStore } from '../../stores/attention'
import { useChoicesStore } from '../../stores/choices'
import { useDevicesStore } from '../../stores/devices'
import { useEmoteConsentStore } from '../../stores/emote-consent'
import { useHistoryStore } from '../../stores/history'
import { useIdentityStore } from '../../stores/identity'
import { useNameStore } from '../../stores/name'
import { usePictureStore } from '../../stores/picture'
import { usePrivacyStore } from '../../stores/privacy'
import { useShortcutsStore } from '../../stores/shortcuts'
import { useTwitchStore } from '../../stores/twitch'

const plane = controlPlane()

await prepareTexts(await chosenLanguage())
mountPage(PopupRoot, translate)
followAppearance()
followLanguage(prepareTexts)
void useAppearanceStore().attach(appearanceSettings)
void useAttentionStore().attach(attentionSettings, notificationPermission)
useShortcutsStore().attach(browserShortcuts)
void useIdentityStore().attach({ plane, onChanged: onIdentityChanged })
void usePrivacyStore().attach({ plane, onChanged: onPrivacyChanged })
void useEmoteConsentStore().attach({
  ...emotePermission,
  isGranted: () => plane.emotesAllowed(),
  onChanged: onEmotesChanged,
})
useHistoryStore().attach(plane)
useChoicesStore().attach(choicesOver(() => plane.ensureHost()))
useAccountStore().attach(plane)
useDevicesStore().attach(plane)
useTwitchStore().attach({ plane, onChanged: onTwitchChanged })
useNameStore().attach(plane)
void isPopup().then((popup) => {
  const openPage = popup ? () => void openOwnTab('/popup.html#picture') : undefined
  usePictureStore().attach({ plane, codec: pictureCodec, openPage })
})
