import type { FrameFault } from '../../protocol/frames'
import type { ToMember } from '../../protocol/room-socket'
import type { MeshLinks } from '../mesh/mesh-links'
import type { Admission } from './admission'
import type { RoomPeople } from './room-people'
import type { RoomTalk } from './room-talk'

interface Parts {
  readonly mesh: Pick<MeshLinks, 'step' | 'receiveHub' | 'receiveSignal' | 'absent'>
  readonly talk: Pick<RoomTalk, 'timeCorrected'>
  readonly people: Pick<RoomPeople, 'announce'>
  readonly admission: Pick<Admission, 'takeRevocations' | 'takeRuled'>
  /** The Worker's clock (ms). */
  onServerTime(now: number): void
  /** The room object told what was decided, and that is known here by now. */
  onRuled(): void
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
      people.announce()
      return introduced(message, mesh)
    case 'introduced':
      return introduced(message, mesh)
    case 'hub':
      return mesh.receiveHub(message.from, message.data)
    case 'signal':
      return void mesh.receiveSignal(message.from, message.data)
    case 'absent':
      return mesh.absent(message.device)
    case 'revoked':
      return void admission.takeRevocations(message.revocations).then(judged)
    case 'ruled':
      return void admission.takeRuled(message).then(judged).then(parts.onRuled)
  }
}

/** What the room object says of their consent is nobody's signed word: it counts for nothing. */
function introduced({ members }: Extract<ToMember, { members: unknown }>, mesh: Parts['mesh']): void {
  mesh.step({ t: 'introduced', peers: members.map(({ device }) => device) })
}
