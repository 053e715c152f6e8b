import { followAppearance } from '../../components/dress'
import { mountPage } from '../../components/mount-page'
import PopupRoot from '../../components/PopupRoot.vue'
import {
  controlPlane,
  onIdentityChanged,
  onPrivacyChanged,
  onTwitchChanged,
} from '../../platform/control-client'
import { isPopup, openOwnTab } from '../../platform/own-tab'
import { pictureCodec } from '../../platform/picture-codec'
import { appearanceSettings } from '../../platform/settings'
import { translate } from '../../platform/translate'
import { useAccountStore } from '../../stores/account'
import { useAppearanceStore } from '../../stores/appearance'
import { useDevicesStore } from '../../stores/devices'
import { useHistoryStore } from '../../stores/history'
import { useIdentityStore } from '../../stores/identity'
import { useNameStore } from '../../stores/name'
import { usePictureStore } from '../../stores/picture'
import { usePrivacyStore } from '../../stores/privacy'
import { useTwitchStore } from '../../stores/twitch'

const plane = controlPlane()

mountPage(PopupRoot, translate)
followAppearance()
void useAppearanceStore().attach(appearanceSettings)
void useIdentityStore().attach({ plane, onChanged: onIdentityChanged })
void usePrivacyStore().attach({ plane, onChanged: onPrivacyChanged })
useHistoryStore().attach(plane)
useAccountStore().attach(plane)
useDevicesStore().attach(plane)
useTwitchStore().attach({ plane, onChanged: onTwitchChanged })
useNameStore().attach(plane)
void isPopup().then((popup) => {
  const openPage = popup ? () => void openOwnTab('/popup.html#picture') : undefined
  usePictureStore().attach({ plane, codec: pictureCodec, openPage })
})
