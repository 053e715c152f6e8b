import { announce, serveControlPlane } from '../../platform/control-server'
import { Database } from '../../platform/database'
import { clearHistory, exportHistory, pruneHistory } from '../../platform/history-export'
import { StoredIdentity } from '../../platform/identity-store'
import { ensureOffscreenHost } from '../../platform/offscreen-host'
import { PrivacyChoice } from '../../platform/privacy-choice'
import { RealClock } from '../../platform/real-clock'
import { openWelcomeOnInstall } from '../../platform/welcome'
import { connectWorker } from '../../platform/worker-client'
import { type ControlPlane, HISTORY_CLEARED, IDENTITY_CHANGED, PRIVACY_CHANGED } from '../../protocol/control'
import { SOCKET_PROTOCOL, TICKET_PROTOCOL_PREFIX } from '../../protocol/socket-protocol'
import { Access } from '../../services/identity/access'
import { Identity } from '../../services/identity/identity'

/** What a room host in the background's own page is told: no announcement reaches the page it comes from. */
interface Told {
  identityChanged(): void
  historyCleared(): void
  privacyChanged(): void
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
    store,
    worker,
    access,
    onChange: () => {
      announce(IDENTITY_CHANGED)
      told?.identityChanged()
      void privacy.lookAgain()
    },
  })
  const privacy = new PrivacyChoice({
    database,
    identity: store,
    onChange: () => {
      announce(PRIVACY_CHANGED)
      told?.privacyChanged()
    },
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
    socketPass: async (room) => {
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
    clearHistory: async () => {
      // The Worker's time is known once the identity is loaded.
      await identity.view().catch(() => {})
      await clearHistory(database, access.now())
      announce(HISTORY_CLEARED)
      told?.historyCleared()
    },
    privacy: () => privacy.view(),
    setDirect: (direct) => privacy.setDirect(direct),
  }
  serveControlPlane(plane)
  // What fails here fails again, and is told, when the room host stores something.
  pruneHistory(database).catch(() => {})
  openWelcomeOnInstall()
  return plane
}
