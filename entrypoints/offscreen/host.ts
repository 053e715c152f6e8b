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
  /** Who the sessions speak for; replaced in place when only the passport is fresher. */
  let speaker: { credentials: Credentials; passports: Passports } | undefined
  let iceServers: IceServers = []
  let knowsTime = false
  let failures = 0
  let cancelRetry = () => {}
  let following = Promise.resolve()

  function follow(): void {
    cancelRetry()
    following = following.then(followOnce)
  }

  async function followOnce(): Promise<void> {
    try {
      const fresh = await control.credentials(false)
      // A first idea of the time; a room object's word is fresher.
      if (fresh && !knowsTime) clock.correct(fresh.serverTime)
      if (fresh && isSame(fresh, speaker?.credentials)) renew(fresh)
      else await become(fresh)
      failures = 0
    } catch {
      host.askedInVain()
      cancelRetry()
      cancelRetry = clock.after(backoffDelay(failures++, Math.random), follow)
    }
  }

  function renew(fresh: Credentials): void {
    const isNews = fresh.passport !== speaker?.credentials.passport
    if (!speaker || !isNews) return
    speaker.credentials = fresh
    speaker.passports.replaceKeys(fresh.jwks)
    host.renew(fresh)
  }

  async function become(fresh: Credentials | null): Promise<void> {
    if (!fresh) {
      speaker = undefined
      return host.become(null)
    }
    const renewKeys = async () => ((await control.credentials(true)) ?? fresh).jwks
    const current = { credentials: fresh, passports: new Passports(clock, fresh.jwks, renewKeys) }
    host.become(fresh, {
      clock,
      random: Math.random,
      signer: signerOf(await identity.keys()),
      passports: current.passports,
      links: new WebRtcLinks(() => iceServers),
      openSocket: openRoomSocket,
      credentials: () => current.credentials,
      socketPass: async (room) => {
        const pass = await control.socketPass(room)
        iceServers = pass.iceServers
        return pass
      },
      nextSeq: (room) => database.nextSeq(room),
      onServerTime: (now) => {
        knowsTime = true
        clock.correct(now)
        // After a long sleep or a long time alone: the background knows whether the passport needs renewing.
        follow()
      },
    })
    speaker = current
  }

  void database.value('collapsed').then((collapsed) => host.setCollapsed(collapsed ?? false))
  onIdentityChanged(follow)
  every(clock, RENEW_MS, follow)
  addEventListener('online', () => {
    follow()
    host.hurry()
  })
  serveHostPorts(host)
  follow()
}

const isSame = (a: Credentials, b: Credentials | undefined) =>
  a.device === b?.device && a.accountId === b.accountId
