import { Database } from '../../platform/database'
import { serveHostPorts } from '../../platform/host-ports'
import { StoredIdentity } from '../../platform/identity-store'
import { RealClock } from '../../platform/real-clock'
import { openRoomSocket } from '../../platform/room-socket'
import { WebRtcLinks } from '../../platform/webrtc-links'
import type { IceServers } from '../../protocol/api'
import type { ControlPlane, Credentials } from '../../protocol/control'
import { backoffDelay } from '../../services/backoff'
import { every } from '../../services/clock'
import { RoomHost } from '../../services/host/room-host'
import { signerOf } from '../../services/identity/device-keys'
import { Passports } from '../../services/passports'

/** How often the host asks the background whether there is a fresher passport. */
const RENEW_MS = 30 * 60_000

/** Starts the room host: in Chrome's offscreen document, or in Firefox's background page. */
export function startHost(control: ControlPlane, onIdentityChanged: (listener: () => void) => void): void {
  const clock = new RealClock()
  const database = new Database()
  const identity = new StoredIdentity(database)
  const host = new RoomHost({
    clock,
    saveCollapsed: (collapsed) => void database.setValue('collapsed', collapsed),
  })
  let credentials: Credentials | null = null
  let iceServers: IceServers = []
  let failures = 0
  let following = Promise.resolve()

  function follow(): void {
    following = following.then(followOnce)
  }

  async function followOnce(): Promise<void> {
    try {
      const fresh = await control.credentials(false)
      failures = 0
      if (fresh && fresh.device === credentials?.device && fresh.accountId === credentials.accountId) {
        const isNews = fresh.passport !== credentials.passport
        credentials = fresh
        if (isNews) host.renew(fresh)
        return
      }
      credentials = fresh
      await become(fresh)
    } catch {
      host.askedInVain()
      clock.after(backoffDelay(failures++, Math.random), follow)
    }
  }

  async function become(fresh: Credentials | null): Promise<void> {
    if (!fresh) return host.become(null)
    const renewKeys = async () => ((await control.credentials(true)) ?? fresh).jwks
    host.become(fresh, {
      clock,
      random: Math.random,
      signer: signerOf(await identity.keys()),
      passports: new Passports(clock, fresh.jwks, renewKeys),
      links: new WebRtcLinks(() => iceServers),
      openSocket: openRoomSocket,
      credentials: () => credentials ?? fresh,
      socketPass: async (room) => {
        const pass = await control.socketPass(room)
        iceServers = pass.iceServers
        return pass
      },
      nextSeq: (room) => database.nextSeq(room),
      onServerTime: (now) => clock.correct(now),
    })
  }

  void database.value('collapsed').then((collapsed) => host.setCollapsed(collapsed ?? false))
  onIdentityChanged(follow)
  every(clock, RENEW_MS, follow)
  addEventListener('online', () => host.hurry())
  serveHostPorts(host)
  follow()
}
