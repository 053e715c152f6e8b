import type { DeviceId } from '../../protocol/device'
import type { AboutView } from '../../protocol/host-port'
import type { MeshLinks } from '../mesh/mesh-links'
import type { FrameIntake } from './frame-intake'
import type { RoomPeople } from './room-people'

interface Parts {
  mesh: MeshLinks
  intake: FrameIntake
  people: RoomPeople
}

/** The living mesh as this member sees it: its own links, and what it can tell of the room. Asks each link how far it is. */
export function roomAbout({ mesh, intake, people }: Parts): AboutView {
  const { kinds, overlay } = mesh
  const view = (peer: DeviceId) => {
    const passport = people.member(peer)?.passport
    const rtt = intake.roundTrip(peer)
    return {
      id: peer,
      kind: kinds.get(peer) ?? 'hub',
      ...(passport && { accountId: passport.sub, name: people.nameOf(passport.sub) ?? passport.name }),
      ...(rtt !== undefined && { rtt }),
    }
  }
  intake.measure()
  return {
    links: overlay.neighbours.filter((peer) => kinds.has(peer)).map(view),
    members: people.count,
    isExact: !people.isCrowd,
    isFullMesh: !overlay.isCrowded,
    hops: overlay.hops,
  }
}
