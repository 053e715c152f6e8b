import browser from 'webextension-polyfill'
import {
  type Announcement,
  ControlError,
  type ControlPlane,
  type ControlReply,
  HISTORY_CLEARED,
  IDENTITY_CHANGED,
  PRIVACY_CHANGED,
  TWITCH_CHANGED,
} from '../protocol/control'
import { EMOTES_CHANGED } from '../protocol/emotes'

/** Calls the background's control plane from another extension page. */
export function controlPlane(): ControlPlane {
  const call =
    <Name extends keyof ControlPlane>(name: Name) =>
    async (...args: Parameters<ControlPlane[Name]>): Promise<Awaited<ReturnType<ControlPlane[Name]>>> => {
      const message = { to: 'background', call: name, args }
      const reply = (await browser.runtime.sendMessage(message)) as ControlReplyTo<Name> | undefined
      if (reply === undefined) throw new ControlError('worker_unreachable')
      if (!reply.ok) throw new ControlError(reply.code, reply.retryAfter)
      return reply.value
    }
  return {
    ensureHost: call('ensureHost'),
    identity: call('identity'),
    requestCode: call('requestCode'),
    submitCode: call('submitCode'),
    cancelSignIn: call('cancelSignIn'),
    signOut: call('signOut'),
    credentials: call('credentials'),
    renewPassport: call('renewPassport'),
    exportAccount: call('exportAccount'),
    deleteAccount: call('deleteAccount'),
    socketPass: call('socketPass'),
    icePass: call('icePass'),
    exportHistory: call('exportHistory'),
    clearHistory: call('clearHistory'),
    picture: call('picture'),
    nameAvailability: call('nameAvailability'),
    suggestNames: call('suggestNames'),
    rename: call('rename'),
    setPicture: call('setPicture'),
    removePicture: call('removePicture'),
    devices: call('devices'),
    endDevice: call('endDevice'),
    twitchLink: call('twitchLink'),
    openTwitchPage: call('openTwitchPage'),
    linkTwitch: call('linkTwitch'),
    unlinkTwitch: call('unlinkTwitch'),
    showTwitch: call('showTwitch'),
    role: call('role'),
    privacy: call('privacy'),
    showCalls: call('showCalls'),
    setDirect: call('setDirect'),
    emotesAllowed: call('emotesAllowed'),
  }
}

/** Our own background's answer: one extension, one version, so its shape is the compiler's word. */
type ControlReplyTo<Name extends keyof ControlPlane> =
  | { ok: true; value: Awaited<ReturnType<ControlPlane[Name]>> }
  | Extract<ControlReply, { ok: false }>

/** Calls `listener` whenever the background says that the identity changed. Returns how to stop. */
export const onIdentityChanged = (listener: () => void) => onAnnounced(IDENTITY_CHANGED, listener)

/** Calls `listener` whenever the history of all rooms was deleted. Returns how to stop. */
export const onHistoryCleared = (listener: () => void) => onAnnounced(HISTORY_CLEARED, listener)

/** Calls `listener` whenever others may reach this browser in another way than before. Returns how to stop. */
export const onPrivacyChanged = (listener: () => void) => onAnnounced(PRIVACY_CHANGED, listener)

/** Calls `listener` whenever the viewer allowed emotes, or forbade them again. Returns how to stop. */
export const onEmotesChanged = (listener: () => void) => onAnnounced(EMOTES_CHANGED, listener)

/** Calls `listener` whenever a try to link a Twitch account is over, or the link has changed. Returns how to stop. */
export const onTwitchChanged = (listener: () => void) => onAnnounced(TWITCH_CHANGED, listener)

function onAnnounced(announcement: Announcement, listener: () => void): () => void {
  const heard = (message: unknown) => {
    if (isSame(message, announcement)) listener()
  }
  browser.runtime.onMessage.addListener(heard)
  return () => browser.runtime.onMessage.removeListener(heard)
}

/** Written out: a schema library would double what every page loads. */
const isSame = (message: unknown, { to, event }: Announcement): boolean =>
  typeof message === 'object' &&
  message !== null &&
  'to' in message &&
  message.to === to &&
  'event' in message &&
  message.event === event
