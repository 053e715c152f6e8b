import { isConsentOf } from '../../protocol/consent'
import type { FrameFault } from '../../protocol/frames'
import type { RoomId } from '../../protocol/room-id'
import type { Introduction, ToMember } from '../../protocol/room-socket'
import type { Clock } from '../clock'
import type { MeshLinks } from '../mesh/mesh-links'
import type { Admission } from './admission'
import type { RoomPeople } from './room-people'
import type { RoomTalk } from './room-talk'

interface Parts {
  readonly room: RoomId
  readonly clock: Clock
  readonly mesh: Pick<MeshLinks, 'step' | 'receiveHub' | 'receiveSignal' | 'absent' | 'heardConsent'>
  readonly talk: Pick<RoomTalk, 'timeCorrected'>
  readonly people: Pick<RoomPeople, 'announce' | 'told'>
  readonly admission: Pick<Admission, 'takeRevocations' | 'takeRuled' | 'roomDecided'>
  /** The Worker's clock (ms). */
  onServerTime(now: number): void
  /** The room object told what was decided, and that is known here by now. */
  onRuled(): void
  /** The room object listed rulings; these are to be asked for. */
  onListed(ids: Uint8Array<ArrayBuffer> | undefined): void
  onFault(fault: FrameFault): void
}

/** Does what follows from a word of the room object. */
export function hear(message: ToMember, parts: Parts): void {
  const { mesh, talk, people, admission, onFault } = parts
  const judged = (fault: FrameFault | undefined) => fault && onFault(fault)
  switch (message.t) {
    case 'welcome':
      // The clock may have been wrong until now, and with it what we said of ourselves.
      parts.onServerTime(message.now)
      talk.timeCorrected()
      people.told(message.sockets)
      people.announce()
      return void introduced(message.members, parts)
    case 'introduced':
      return void introduced(message.members, parts)
    case 'hub':
      return mesh.receiveHub(message.from, message.data)
    case 'signal':
      return void mesh.receiveSignal(message.from, message.data, message.bucket)
    case 'absent':
      return mesh.absent(message.device)
    case 'revoked':
      return void admission.takeRevocations(message.revocations).then(judged)
    case 'decided':
      return parts.onListed(admission.roomDecided(message.ids))
    case 'ruled':
      return void admission.takeRuled(message).then(judged).then(parts.onRuled)
  }
}

async function introduced(members: readonly Introduction[], parts: Parts): Promise<void> {
  await Promise.all(members.map((member) => heardTerms(member, parts)))
  parts.mesh.step({ t: 'introduced', peers: members })
}

/** What the room object says of a member's consent, or key, counts for nothing; what that member signed does. */
async function heardTerms(
  { device, direct, consent }: Introduction,
  { room, clock, mesh }: Parts,
): Promise<void> {
  if (!consent || !(await isConsentOf(device, room, { direct, ...consent }, clock.now()))) return
  mesh.heardConsent(device, direct, consent.ms, consent.seal)
}
