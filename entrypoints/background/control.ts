import { passCommandsOn } from '../../platform/commands'
import { announce, serveControlPlane } from '../../platform/control-server'
import { Database } from '../../platform/database'
import { devicePlatform } from '../../platform/device-platform'
import { emotePermission } from '../../platform/emote-permission'
import { clearHistory, clearHistoryOf, exportHistory, pruneHistory } from '../../platform/history-export'
import { StoredIdentity } from '../../platform/identity-store'
import { listen, showCalls } from '../../platform/notifications'
import { ensureOffscreenHost } from '../../platform/offscreen-host'
import { openOwnTab } from '../../platform/own-tab'
import { forgetPersonal } from '../../platform/personal-names'
import { PrivacyChoice } from '../../platform/privacy-choice'
import { RealClock } from '../../platform/real-clock'
import { browserWebAuth } from '../../platform/web-auth'
import { openWelcomeOnInstall } from '../../platform/welcome'
import { connectWorker } from '../../platform/worker-client'
import type { CommandName } from '../../protocol/commands'
import {
  ControlError,
  type ControlPlane,
  HISTORY_CLEARED,
  IDENTITY_CHANGED,
  PRIVACY_CHANGED,
  TWITCH_CHANGED,
} from '../../protocol/control'
import type { AccountId } from '../../protocol/device'
import { EMOTES_CHANGED } from '../../protocol/emotes'
import { fromBase64 } from '../../protocol/picture'
import { SOCKET_PROTOCOL, TICKET_PROTOCOL_PREFIX } from '../../protocol/socket-protocol'
import { Access } from '../../services/identity/access'
import { Identity } from '../../services/identity/identity'
import { Names } from '../../services/identity/names'
import { TwitchAccount } from '../../services/identity/twitch-account'

/** What a room host in the background's own page is told: no announcement reaches the page it comes from. */
interface Told {
  identityChanged(): void
  historyCleared(): void
  privacyChanged(): void
  emotesChanged(): void
  commanded(name: CommandName, tab: number | undefined): void
}

/** The background's duties, and who is told besides the other pages when something has changed. */
export function startControlPlane(ensureHost = ensureOffscreenHost, told?: Told): ControlPlane {
  const clock = new RealClock()
  const database = new Database()
  const store = new StoredIdentity(database)
  const access: Access = new Access({
    clock,
    audience: __WORKER_ORIGIN__,
    bearer: () => identity.bearer(),
    requestToken: (assertion) => worker.token(assertion),
  })
  const worker = connectWorker(__WORKER_ORIGIN__, access)
  const identity = new Identity({
    clock,
    random: Math.random,
    store,
    worker,
    access,
    platform: devicePlatform,
    onChange: () => {
      announce(IDENTITY_CHANGED)
      told?.identityChanged()
      void privacy.lookAgain()
    },
  })
  const names = new Names({ worker, identity })
  const privacy = new PrivacyChoice({
    database,
    identity: store,
    onChange: () => {
      announce(PRIVACY_CHANGED)
      told?.privacyChanged()
    },
  })
  /** Of one account, or of all. */
  async function forgetHistory(account?: AccountId): Promise<void> {
    // The Worker's time is known once the identity is loaded.
    await identity.view().catch(() => {})
    await (account === undefined
      ? clearHistory(database, access.now())
      : clearHistoryOf(database, account, access.now()))
    announce(HISTORY_CLEARED)
    told?.historyCleared()
  }
  const twitch = new TwitchAccount({
    worker,
    identity,
    webAuth: browserWebAuth,
    now: () => access.now(),
    onChange: () => announce(TWITCH_CHANGED),
  })
  const plane: ControlPlane = {
    ensureHost,
    identity: () => identity.view(),
    requestCode: (email) => identity.requestCode(email),
    submitCode: (code) => identity.submitCode(code),
    cancelSignIn: () => identity.cancelSignIn(),
    signOut: () => identity.signOut(),
    credentials: async (renewKeys) => {
      const credentials = await identity.credentials(renewKeys)
      // A fresh passport may leave no choice any more, or leave it again.
      void privacy.lookAgain()
      return credentials
    },
    renewPassport: () => identity.renewPassport(),
    nameAvailability: (name) => names.availability(name),
    suggestNames: (like) => names.suggest(like),
    rename: (name) => names.rename(name),
    socketPass: async (room) => {
      await twitch.enters(room)
      // Settled before anybody in there can ask us for a link.
      await privacy.lookAgain()
      const { ticket } = await identity.asMember(() => worker.ticket(room))
      return {
        url: `${__WORKER_ORIGIN__.replace(/^http/, 'ws')}/rooms/${encodeURIComponent(room)}/socket`,
        protocols: [SOCKET_PROTOCOL, TICKET_PROTOCOL_PREFIX + ticket],
      }
    },
    icePass: () => identity.icePass(),
    exportHistory: async () => {
      const { accountId } = await identity.bearer()
      return exportHistory(database, accountId, access.now())
    },
    clearHistory: () => forgetHistory(),
    exportAccount: () => identity.asMember(() => worker.exportAccount()),
    deleteAccount: async () => {
      // Others who use this browser keep their history.
      const { account } = await store.load()
      try {
        await identity.asMember(() => worker.deleteAccount())
      } catch (error) {
        // Deleted by an earlier try whose answer was lost, or this device was ended: the history was to go in any case.
        if (error instanceof ControlError && error.code === 'signed_out')
          await forgetHistory(account?.accountId).catch(() => {})
        throw error
      }
      // What the viewer wanted most is done; storage that fails must not keep the account's keys here.
      await forgetHistory(account?.accountId).catch(() => {})
      if (account) await forgetPersonal(database, account.accountId).catch(() => {})
      return identity.ended()
    },
    picture: async () => {
      const avatar = await identity.asMember(() => worker.picture())
      const view = await identity.view()
      // Changed on another device, and not in our passport yet.
      if (view.state === 'signed-in' && (view.avatar ?? null) !== avatar) void identity.renewPassport()
      return avatar
    },
    setPicture: async (webp) => {
      const avatar = await identity.asMember(() => worker.setPicture(fromBase64(webp)))
      void identity.renewPassport()
      return avatar
    },
    removePicture: async () => {
      const avatar = await identity.asMember(() => worker.removePicture())
      void identity.renewPassport()
      return avatar
    },
    devices: () => identity.asMember(() => worker.devices()),
    endDevice: (device) => identity.asMember(() => worker.endDeviceOf(device)),
    twitchLink: () => twitch.view(),
    openTwitchPage: () => openOwnTab('/popup.html#twitch'),
    linkTwitch: () => twitch.link(),
    unlinkTwitch: () => twitch.unlink(),
    showTwitch: (shown) => twitch.show(shown),
    role: (room) => twitch.role(room),
    privacy: () => privacy.view(),
    showCalls: async (count, note) => showCalls(count, note),
    setDirect: (direct) => privacy.setDirect(direct),
    emotesAllowed: () => emotePermission.isGranted(),
  }
  serveControlPlane(plane)
  listen()
  passCommandsOn((name, tab) => told?.commanded(name, tab))
  emotePermission.onChanged(() => {
    announce(EMOTES_CHANGED)
    told?.emotesChanged()
  })
  // What fails here fails again, and is told, when the room host stores something.
  pruneHistory(database).catch(() => {})
  openWelcomeOnInstall()
  return plane
}
