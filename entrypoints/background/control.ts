import { announceIdentityChange, serveControlPlane } from '../../platform/control-server'
import { Database } from '../../platform/database'
import { StoredIdentity } from '../../platform/identity-store'
import { ensureOffscreenHost } from '../../platform/offscreen-host'
import { RealClock } from '../../platform/real-clock'
import { openWelcomeOnInstall } from '../../platform/welcome'
import { connectWorker } from '../../platform/worker-client'
import type { ControlPlane } from '../../protocol/control'
import { SOCKET_PROTOCOL, TICKET_PROTOCOL_PREFIX } from '../../protocol/room-socket'
import { Access } from '../../services/identity/access'
import { Identity } from '../../services/identity/identity'

/** The background's duties, and who is told when the identity changes. */
export function startControlPlane(ensureHost = ensureOffscreenHost, onChange = () => {}): ControlPlane {
  const clock = new RealClock()
  const store = new StoredIdentity(new Database())
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
      announceIdentityChange()
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
  }
  serveControlPlane(plane)
  openWelcomeOnInstall()
  return plane
}
