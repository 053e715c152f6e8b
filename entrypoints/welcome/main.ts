import { followAppearance } from '../../components/dress'
import { mountPage } from '../../components/mount-page'
import WelcomeRoot from '../../components/WelcomeRoot.vue'
import { controlPlane, onIdentityChanged, onPrivacyChanged } from '../../platform/control-client'
import { microphone } from '../../platform/microphone'
import { appearanceSettings, chosenLanguage } from '../../platform/settings'
import { isOnToolbar } from '../../platform/toolbar'
import { prepareTexts, translate } from '../../platform/translate'
import { useAppearanceStore } from '../../stores/appearance'
import { useIdentityStore } from '../../stores/identity'
import { useMicrophoneStore } from '../../stores/microphone'
import { usePrivacyStore } from '../../stores/privacy'

const plane = controlPlane()

await prepareTexts(await chosenLanguage())
mountPage(WelcomeRoot, translate, { firefox: import.meta.env.FIREFOX, isOnToolbar })
followAppearance()
void useAppearanceStore().attach(appearanceSettings)
void useIdentityStore().attach({ plane, onChanged: onIdentityChanged })
void usePrivacyStore().attach({ plane, onChanged: onPrivacyChanged })
void useMicrophoneStore().attach(microphone)
