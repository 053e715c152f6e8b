import { announce, serveControlPlane } from '../../platform/control-server'
import { Database } from '../../platform/database'
import { clearHistory, exportHistory, pruneHistory } from '../../platform/history-export'
import { StoredIdentity } from '../../platform/identity-store'
import { ensureOffscreenHost } from '../../platform/offscreen-host'
import { RealClock } from '../../platform/real-clock'
import { openWelcomeOnInstall } from '../../platform/welcome'
import { connectWorker } from '../../platform/worker-client'
import { type ControlPlane, HISTORY_CLEARED, IDENTITY_CHANGED } from '../../protocol/control'
import { SOCKET_PROTOCOL, TICKET_PROTOCOL_PREFIX } from '../../protocol/socket-protocol'
import { Access } from '../../services/identity/access'
import { Identity } from '../../services/identity/identity'

/** The background's duties, and who is told when the identity changes or the history is deleted. */
export function startControlPlane(
  ensureHost = ensureOffscreenHost,
  onChange = () => {},
  onHistoryCleared = () => {},
): ControlPlane {
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
      onChange()
    },
  })
  const plane: ControlPlane = {
    ensureHost,
    identity: () => identity.view(),
    requestCode: (email) => identity.requestCode(email),
    submitCode: (code) => identity.submitCode(code),
    cancelSignIn: () => identity.cancelSignIn(),
    signOut: () => identity.signOut(),
    credentials: (renewKeys) => identity.credentials(renewKeys),
    socketPass: async (room) => {
      const [{ ticket }, iceServers] = await identity.asMember(() =>
        Promise.all([worker.ticket(room), worker.iceServers()]),
      )
      return {
        url: `${__WORKER_ORIGIN__.replace(/^http/, 'ws')}/rooms/${encodeURIComponent(room)}/socket`,
        protocols: [SOCKET_PROTOCOL, TICKET_PROTOCOL_PREFIX + ticket],
        iceServers,
      }
    },
    exportHistory: async () => {
      const { accountId } = await identity.bearer()
      return exportHistory(database, accountId, access.now())
    },
    clearHistory: async () => {
      // The Worker's time is known once the identity is loaded.
      await identity.view().catch(() => {})
      await clearHistory(database, access.now())
      announce(HISTORY_CLEARED)
      onHistoryCleared()
    },
  }
  serveControlPlane(plane)
  // What fails here fails again, and is told, when the room host stores something.
  pruneHistory(database).catch(() => {})
  openWelcomeOnInstall()
  return plane
}
