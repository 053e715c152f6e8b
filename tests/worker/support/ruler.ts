import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { passportResponseSchema, roleResponseSchema } from '../../../protocol/api'
import type { SignedBytes } from '../../../protocol/message'
import { channelRoom, type RoomId } from '../../../protocol/room-id'
import { encodeFromMember } from '../../../protocol/room-socket'
import { type Act, encodeRuling, type Ruling } from '../../../protocol/ruling'
import { type SignedKind, type Signer, signAs } from '../../../protocol/signed'
import { introduce, type MemberSocket, until } from './socket'
import { linkTwitch, newLogin } from './twitch'
import { authed, signIn, type Viewer } from './viewer'

type LinkedOnly = Extract<Ruling, { act: 'linked-only' }>

export interface Ruler {
  viewer: Viewer
  room: RoomId
  /** What they decide, made now. */
  decided(act: Act & Partial<Pick<Ruling, 'ms' | 'role'>>, signer?: Signer): Promise<SignedBytes>
  /** A ruling of theirs, made now; whatever is changed may be wrong. */
  ruling(change?: Partial<LinkedOnly>, how?: { signer?: Signer; kind?: SignedKind }): Promise<SignedBytes>
}

export const signerOf = ({ device }: Viewer): Signer => ({
  device: device.id,
  sign: async (data) => new Uint8Array(await crypto.subtle.sign('Ed25519', device.key, data)),
})

export const passportOf = async (viewer: Viewer) =>
  passportResponseSchema.parse(await (await authed(viewer, 'POST', '/passport')).json()).passport

/** Somebody in the room of their own channel. */
export async function newRuler(): Promise<Ruler> {
  const viewer = await signIn()
  const login = newLogin()
  await linkTwitch(viewer, login)
  const { grant } = roleResponseSchema.parse(
    await (await authed(viewer, 'GET', `/rooms/${login}/role`)).json(),
  )
  const room = channelRoom(login)
  const passport = await passportOf(viewer)
  const common = { v: 1, room, device: viewer.device.id, passport, role: grant ?? '' } as const
  return {
    viewer,
    room,
    decided: async (act, signer = signerOf(viewer)) => {
      const bytes = encodeRuling({ ...common, ms: Date.now(), ...act })
      return { bytes, sig: await signAs(signer, 'ruling', bytes) }
    },
    ruling: async (change = {}, { signer = signerOf(viewer), kind = 'ruling' } = {}) => {
      const bytes = encodeRuling({
        ...common,
        ms: Date.now(),
        act: 'linked-only',
        on: true,
        ...change,
      })
      return { bytes, sig: await signAs(signer, kind, bytes) }
    },
  }
}

export const rule = (signed: SignedBytes) => encodeFromMember({ t: 'rule', ...signed })
/** Waits for the next ruling, leaving out everything else. */
export const ruled = ({ inbox }: MemberSocket) =>
  until(() => {
    const at = inbox.findIndex(({ t }) => t === 'ruled')
    const [message] = at < 0 ? [] : inbox.splice(at, 1)
    return message?.t === 'ruled' && { bytes: message.bytes, sig: message.sig }
  })

/** Whatever was sent before has been looked at. */
export async function settled(socket: MemberSocket): Promise<void> {
  socket.socket.send(introduce)
  await until(() => socket.inbox.some(({ t }) => t === 'introduced'))
  // Checks go on after the answer to what came later.
  await scheduler.wait(50)
}

/** How many rulings the room object keeps. */
export const remembered = (room: string) =>
  runInDurableObject(env.ROOMS.getByName(room), (_, { storage }) =>
    storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'rulings'").toArray().length === 0
      ? 0
      : storage.sql.exec('SELECT id FROM rulings').toArray().length,
  )
