import type { Link, LinkMaker, PendingLink, SessionDescription } from '../../../services/mesh/link'

/** One end of a link in memory. */
export class MemoryLink implements Link {
  readonly kind = 'direct'
  onFrame: (frame: Uint8Array) => void = () => {}
  onClose: () => void = () => {}
  other: MemoryLink = this
  isOpen = true
  /** Everything that was sent from this end. */
  readonly sent: Uint8Array<ArrayBuffer>[] = []
  /** A cable that was cut: frames vanish and nobody is told. */
  isCut = false

  send(frame: Uint8Array<ArrayBuffer>): void {
    if (!this.isOpen || this.isCut) return
    this.sent.push(frame)
    setImmediate(() => this.other.isOpen && this.other.onFrame(frame))
  }

  close(): void {
    for (const end of [this, this.other]) {
      if (!end.isOpen) continue
      end.isOpen = false
      setImmediate(() => end.onClose())
    }
  }
}

/** Makes links within this process; an SDP is just a number that finds the other end. */
export class MemoryNetwork implements LinkMaker {
  readonly #offers = new Map<string, (link: MemoryLink) => void>()
  readonly #answers = new Map<string, { link: MemoryLink; open: (link: Link) => void }>()
  readonly links: MemoryLink[] = []
  #next = 0

  /** The open link between two viewers, at the first one's end. */
  linkBetween(one: OwnLinks, other: OwnLinks): MemoryLink | undefined {
    return this.links.find(
      (end) => end.isOpen && one.opened.includes(end) && other.opened.includes(end.other),
    )
  }

  breakBetween(one: OwnLinks, other: OwnLinks): void {
    this.linkBetween(one, other)?.close()
  }

  /** The same network as one viewer sees it. */
  forOne(): OwnLinks {
    return new OwnLinks(this)
  }

  offer(): PendingLink {
    const sdp = `v=0 offer ${this.#next++}`
    const { promise, resolve, reject } = Promise.withResolvers<Link>()
    this.#offers.set(sdp, resolve)
    return {
      description: Promise.resolve({ type: 'offer', sdp }),
      opened: silenced(promise),
      abandon: () => reject(new Error('abandoned')),
      answered: (answer) => {
        const far = this.#answers.get(answer.sdp)
        if (!far) return reject(new Error('no such answer'))
        const near = new MemoryLink()
        near.other = far.link
        far.link.other = near
        this.links.push(near, far.link)
        far.open(far.link)
        resolve(near)
      },
    }
  }

  answer(offer: SessionDescription): PendingLink {
    const { promise, resolve, reject } = Promise.withResolvers<Link>()
    if (!this.#offers.has(offer.sdp)) reject(new Error('no such offer'))
    const sdp = `v=0 answer ${this.#next++}`
    this.#answers.set(sdp, { link: new MemoryLink(), open: resolve })
    return {
      description: Promise.resolve({ type: 'answer', sdp }),
      opened: silenced(promise),
      abandon: () => reject(new Error('abandoned')),
      answered: () => {},
    }
  }
}

/** Links of one viewer among all of a network. */
export class OwnLinks implements LinkMaker {
  readonly #network: MemoryNetwork
  readonly opened: Link[] = []

  constructor(network: MemoryNetwork) {
    this.#network = network
  }

  offer(): PendingLink {
    return this.#note(this.#network.offer())
  }

  answer(offer: SessionDescription): PendingLink {
    return this.#note(this.#network.answer(offer))
  }

  breakAll(): void {
    for (const link of this.opened) link.close()
  }

  #note(pending: PendingLink): PendingLink {
    pending.opened.then(
      (link) => this.opened.push(link),
      () => {},
    )
    return pending
  }
}

function silenced<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
