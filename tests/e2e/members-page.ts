import { WebRtcLinks } from '../../platform/webrtc-links'
import { channelRoom } from '../../protocol/room-id'
import type { Link, LinkMaker, PendingLink } from '../../services/mesh/link'
import type { RoomSession } from '../../services/room/room-session'
import { BenchMember } from '../bench/bench-member'

/** What a member sees of the room. */
export interface Sight {
  hasServer: boolean
  people: number
  isFullMesh: boolean
  /** Members that it is linked with, but for links that only linger, and how many of these links are direct. */
  links: string[]
  direct: number
  /** With those that linger. */
  open: number
  /** Links that opened since it came, replaced and broken ones, too. */
  opened: number
  texts: string[]
}

/** What a page with several members in it does. */
export interface MembersPage {
  /** Somebody comes in by a mailed code. Resolves with the device. */
  join(origin: string, email: string, login: string): Promise<string>
  look(): Record<string, Sight>
  say(device: string, text: string): Promise<void>
  leave(device: string): Promise<void>
  /** Breaks all links of a member but one. Resolves with what is left. */
  loseAllButOne(device: string): Promise<string[]>
}

interface Member {
  readonly session: RoomSession
  readonly links: KeptLinks
}

/** Real links, each of which can be broken from here. */
class KeptLinks implements LinkMaker {
  /** How many opened so far. */
  opened = 0
  /** Those that are open, the oldest first. */
  readonly open = new Set<Link>()
  onClose = () => {}
  readonly #links = new WebRtcLinks()

  offer(...terms: Parameters<LinkMaker['offer']>): PendingLink {
    return this.#keep(this.#links.offer(...terms))
  }

  answer(...terms: Parameters<LinkMaker['answer']>): PendingLink {
    return this.#keep(this.#links.answer(...terms))
  }

  #keep(pending: PendingLink): PendingLink {
    const opened = pending.opened.then((link) => this.#watched(link))
    // Whoever abandons a link need not wait for it.
    opened.catch(() => {})
    return {
      proposal: pending.proposal,
      answered: (proposal) => pending.answered(proposal),
      opened,
      abandon: () => pending.abandon(),
    }
  }

  /** The link, which tells us, too, when it closes. */
  #watched(link: Link): Link {
    this.opened++
    this.open.add(link)
    return new Proxy(link, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
      set: (target, name, value) => {
        if (name !== 'onClose') return Reflect.set(target, name, value)
        target.onClose = () => {
          this.open.delete(link)
          value()
          this.onClose()
        }
        return true
      },
    })
  }
}

const members = new Map<string, Member>()

function memberOf(device: string): Member {
  const member = members.get(device)
  if (!member) throw new Error('no such member')
  return member
}

function sight({ session, links }: Member): Sight {
  const about = session.about()
  return {
    hasServer: session.hasServer,
    people: about.members,
    isFullMesh: about.isFullMesh,
    links: about.links.map(({ id }) => id),
    direct: session.kinds.direct,
    open: session.linkCount,
    opened: links.opened,
    texts: session.log.all.map(({ body }) => body),
  }
}

const page: MembersPage = {
  async join(origin, email, login) {
    const { codeFor } = globalThis as unknown as { codeFor(email: string): Promise<string> }
    const member = await BenchMember.signIn(origin, email, codeFor)
    const links = new KeptLinks()
    const session = await member.enter(channelRoom(login), await member.credentials(), { links })
    members.set(session.me, { session, links })
    return session.me
  },
  look: () => Object.fromEntries([...members].map(([device, member]) => [device, sight(member)])),
  async say(device, text) {
    const refused = await memberOf(device).session.say(crypto.randomUUID(), text)
    if (refused) throw new Error(`refused: ${refused}`)
  },
  async leave(device) {
    const { session } = memberOf(device)
    members.delete(device)
    await session.leave()
  },
  loseAllButOne(device) {
    const { session, links } = memberOf(device)
    const [, ...lost] = links.open
    const { promise, resolve } = Promise.withResolvers<string[]>()
    links.onClose = () => {
      if (!lost.some((link) => links.open.has(link))) resolve(session.about().links.map(({ id }) => id))
    }
    for (const link of lost) link.close()
    return promise
  },
}

Object.assign(globalThis, { page })
