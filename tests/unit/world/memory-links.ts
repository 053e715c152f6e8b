import type { IceTerms, Link, LinkKind, LinkMaker, PendingLink, Proposal } from '../../../services/mesh/link'
import type { IcePolicy } from '../../../services/mesh/way'

/** One end of a link in memory. */
export class MemoryLink implements Link {
  kind: LinkKind = 'direct'
  onFrame: (frame: Uint8Array) => void = () => {}
  onClose: () => void = () => {}
  onKindChange: () => void = () => {}
  other: MemoryLink = this
  isOpen = true
  /** Everything that was sent from this end. */
  readonly sent: Uint8Array<ArrayBuffer>[] = []
  /** A cable that was cut: frames vanish and nobody is told. */
  isCut = false
  #isBusy = false
  #writers: (() => void)[] = []

  /** A test makes the peer slow, and fast again. */
  get isBusy(): boolean {
    return this.isOpen && this.#isBusy
  }

  set isBusy(isBusy) {
    this.#isBusy = isBusy
    if (!isBusy) this.#wakeWriters()
  }

  whenWritable(): Promise<void> {
    return this.isBusy ? new Promise((resolve) => this.#writers.push(resolve)) : Promise.resolve()
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    if (!this.isOpen || this.isCut) return
    this.sent.push(frame)
    setImmediate(() => this.other.isOpen && this.other.onFrame(frame))
  }

  close(): void {
    for (const end of [this, this.other]) {
      if (!end.isOpen) continue
      end.isOpen = false
      end.#wakeWriters()
      setImmediate(() => end.onClose())
    }
  }

  #wakeWriters(): void {
    for (const resolve of this.#writers.splice(0)) resolve()
  }
}

/** Addresses that a browser's description betrays, and that of its TURN relay. */
export const HOST_ADDRESS = '192.168.77.5'
export const PUBLIC_ADDRESS = '93.184.216.77'
export const RELAY_ADDRESS = '203.0.112.9'

/** A description as careless as a browser may write it; `id` finds the other end. */
export function memorySdp(id: string, policy: IcePolicy = 'all'): string {
  const own = [
    `candidate:1 1 udp 2122260223 ${HOST_ADDRESS} 50001 typ host generation 0 network-id 1`,
    `candidate:2 1 udp 1686052607 ${PUBLIC_ADDRESS} 50001 typ srflx raddr ${HOST_ADDRESS} rport 50001`,
  ]
  return [
    'v=0',
    `o=- 4611731400430051336 2 IN IP4 ${HOST_ADDRESS}`,
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=application 50001 UDP/DTLS/SCTP webrtc-datachannel',
    `c=IN IP4 ${HOST_ADDRESS}`,
    ...(policy === 'all' ? own : []).map((candidate) => `a=${candidate}`),
    `a=candidate:3 1 udp 41885695 ${RELAY_ADDRESS} 50002 typ relay raddr ${PUBLIC_ADDRESS} rport 50001`,
    `a=ice-ufrag:${id}`,
    'a=ice-pwd:0123456789abcdefABCDEF',
    `a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`,
    'a=setup:actpass',
    'a=mid:0',
    'a=sctp-port:5000',
    'a=max-message-size:262144',
    '',
  ].join('\r\n')
}

const idOf = (sdp: string) => /a=ice-ufrag:(\w+)/.exec(sdp)?.[1] ?? ''

interface FarEnd {
  readonly link: MemoryLink
  readonly policy: IcePolicy
  open(link: Link): void
}

/** Makes links within this process. */
export class MemoryNetwork implements LinkMaker {
  readonly #offers = new Set<string>()
  readonly #answers = new Map<string, FarEnd>()
  readonly links: MemoryLink[] = []
  /** Whether WebRTC gets through, given both ends' policies. */
  passes = (_offerer: IcePolicy, _answerer: IcePolicy): boolean => true
  /** What a browser writes of itself; `id` has to be its ufrag. */
  describe = memorySdp
  /** Attempts that neither opened nor were abandoned. */
  pending = 0
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

  offer({ policy }: IceTerms): PendingLink {
    const id = `offer${this.#next++}`
    const { pending, resolve, reject } = this.#pend(this.describe(id, policy))
    this.#offers.add(id)
    pending.answered = (answer: Proposal) => {
      const far = this.#answers.get(answer.via === 'rtc' ? idOf(answer.sdp) : '')
      if (!far) return reject(new Error('no such answer'))
      if (!this.passes(policy, far.policy)) return
      const near = new MemoryLink()
      near.other = far.link
      far.link.other = near
      const isDirect = policy === 'all' && far.policy === 'all'
      for (const end of [near, far.link]) end.kind = isDirect ? 'direct' : 'turn'
      this.links.push(near, far.link)
      far.open(far.link)
      resolve(near)
    }
    return pending
  }

  answer({ policy }: IceTerms, sdp: string): PendingLink {
    const id = `answer${this.#next++}`
    const { pending, resolve, reject } = this.#pend(this.describe(id, policy))
    if (!this.#offers.has(idOf(sdp))) reject(new Error('no such offer'))
    this.#answers.set(id, { link: new MemoryLink(), policy, open: resolve })
    return pending
  }

  #pend(sdp: string) {
    const { promise, resolve, reject } = Promise.withResolvers<Link>()
    this.pending++
    const settled = () => {
      this.pending--
    }
    promise.then(settled, settled)
    const pending: PendingLink = {
      proposal: Promise.resolve({ via: 'rtc', sdp }),
      opened: promise,
      abandon: () => reject(new Error('abandoned')),
      answered: () => {},
    }
    return { pending, resolve, reject }
  }
}

/** Links of one viewer among all of a network. */
export class OwnLinks implements LinkMaker {
  readonly #network: MemoryNetwork
  readonly opened: Link[] = []
  /** What each attempt was allowed, in order. */
  readonly terms: IceTerms[] = []
  /** Descriptions of others that reached the browser. */
  readonly heard: string[] = []

  constructor(network: MemoryNetwork) {
    this.#network = network
  }

  offer(terms: IceTerms): PendingLink {
    return this.#note(terms, this.#network.offer(terms))
  }

  answer(terms: IceTerms, sdp: string): PendingLink {
    this.heard.push(sdp)
    return this.#note(terms, this.#network.answer(terms, sdp))
  }

  breakAll(): void {
    for (const link of this.opened) link.close()
  }

  #note(terms: IceTerms, pending: PendingLink): PendingLink {
    this.terms.push(terms)
    const { answered } = pending
    pending.answered = (proposal) => {
      if (proposal.via === 'rtc') this.heard.push(proposal.sdp)
      answered(proposal)
    }
    pending.opened.then(
      (link) => this.opened.push(link),
      () => {},
    )
    return pending
  }
}
