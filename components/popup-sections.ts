import type { Component } from 'vue'
import AboutSection from './AboutSection.vue'
import AccountSection from './AccountSection.vue'
import AppearanceSection from './AppearanceSection.vue'
import DevicesSection from './DevicesSection.vue'
import HistorySection from './HistorySection.vue'
import type { MENU_ICONS } from './menu-icons'
import NameSection from './NameSection.vue'
import NotificationsSection from './NotificationsSection.vue'
import PeopleSection from './PeopleSection.vue'
import PictureSection from './PictureSection.vue'
import PrivacySection from './PrivacySection.vue'
import ShortcutsSection from './ShortcutsSection.vue'
import TwitchSection from './TwitchSection.vue'
import type { MessageKey } from './text'

export interface PopupSection {
  /** In the popup's address: `popup.html#privacy` opens it. */
  id: keyof typeof MENU_ICONS
  title: MessageKey
  part: Component
  /** For members only. */
  member?: true
}

/** What the popup's menu leads to, in its order. */
export const POPUP_SECTIONS: readonly PopupSection[] = [
  { id: 'name', title: 'menuName', part: NameSection, member: true },
  { id: 'picture', title: 'menuPicture', part: PictureSection, member: true },
  { id: 'twitch', title: 'menuTwitch', part: TwitchSection, member: true },
  { id: 'devices', title: 'menuDevices', part: DevicesSection, member: true },
  { id: 'privacy', title: 'menuPrivacy', part: PrivacySection },
  { id: 'people', title: 'menuPeople', part: PeopleSection, member: true },
  { id: 'history', title: 'menuHistory', part: HistorySection, member: true },
  { id: 'appearance', title: 'menuAppearance', part: AppearanceSection },
  { id: 'notifications', title: 'menuNotifications', part: NotificationsSection },
  { id: 'shortcuts', title: 'menuShortcuts', part: ShortcutsSection },
  { id: 'account', title: 'menuAccount', part: AccountSection, member: true },
  { id: 'about', title: 'menuAbout', part: AboutSection },
]
