import type { Credentials } from '../../protocol/control'
import type {
  HostFunctions,
  PageLayout,
  PageReport,
  PanelFunctions,
  RoomView,
  Theme,
} from '../../protocol/host-port'
import { channelRoom, type RoomId, roomLogin } from '../../protocol/room-id'
import type { Clock } from '../clock'
import { RoomSession } from '../room/room-session'
import { Rooms } from '../room/rooms'
import type { SessionChange, SessionWorld } from '../room/session-world'
import { loginFromUrl } from '../twitch/location'
import { AwayWatch } from './away'
import { PanelFeed } from './panel-feed'
import { connectionView, messageView, olderView, peopleView, roomView, rulesView } from './views'

/** One browser tab, by its `sender.tab.id`. */
type Tab = number

interface Page {
  login: string | null
  theme: Theme
  visible: boolean
  layout(layout: PageLayout): void
}

interface HostWorld {
  clock: Clock
  saveCollapsed(collapsed: boolean): void
}

/**
 * The room host of a browser: pairs each tab's page with its panel, keeps the rooms that pages want, and tells
 * the panels. One however many tabs there are.
 */
export class RoomHost {
  readonly #clock: Clock
  readonly #saveCollapsed: (collapsed: boolean) => void
  readonly #rooms: Rooms<RoomSession>
  readonly #away: AwayWatch
  readonly #pages = new Map<Tab, Page>()
  readonly #feeds = new Map<PanelFeed, Tab>()
  /** `undefined` until the background has said who we are. */
  #credentials: Credentials | null | undefined
  #isAskingInVain = false
  #isOnline = true
  #collapsed = false

  constructor({ clock, saveCollapsed }: HostWorld) {
    this.#clock = clock
    this.#saveCollapsed = saveCollapsed
    this.#rooms = new Rooms(clock)
    this.#away = new AwayWatch({
      clock,
      onChange: (room, away) => this.#rooms.get(room)?.people.setAway(away),
    })
  }

  /** Every session, for diagnosis. */
  get sessions(): readonly RoomSession[] {
    return this.#rooms.all
  }

  /** Whoever this browser is from now on; `null` when signed out. `world` speaks for that identity. */
  become(credentials: Credentials | null, world?: SessionWorld): void {
    this.#credentials = credentials
    this.#isAskingInVain = false
    this.#rooms.restart(world ? (room) => this.#start(room, world) : null)
    for (const feed of this.#feeds.keys()) feed.reset()
  }

  /** The background cannot say who we are: the Worker is needed for it, and away. */
  askedInVain(): void {
    this.#isAskingInVain = true
    this.#tellConnections()
  }

  /** The same identity under a fresh passport. */
  renew(credentials: Credentials): void {
    this.#credentials = credentials
    this.#isAskingInVain = false
    for (const session of this.#rooms.all) session.renewed()
    for (const feed of this.#feeds.keys()) feed.change({ me: this.#me })
  }

  /** A content script connected; the returned functions are what its port does. */
  openPage(tab: Tab, layout: Page['layout']): { report(report: PageReport): void; close(): void } {
    const page: Page = { login: null, theme: 'dark', visible: true, layout }
    this.#pages.set(tab, page)
    layout({ t: 'layout', collapsed: this.#collapsed })
    return {
      report: ({ url, theme, visible }) => {
        if (this.#pages.get(tab) !== page) return
        const before = page.login
        const login = loginFromUrl(url)
        Object.assign(page, { login, theme, visible })
        this.#rooms.want(tab, login === null ? null : channelRoom(login))
        this.#watch(before)
        this.#watch(login)
        for (const feed of this.#feedsOf(tab)) login === before ? feed.change({ theme }) : feed.reset()
      },
      close: () => {
        // A reloaded page may have connected before its old port was seen to close.
        if (this.#pages.get(tab) !== page) return
        this.#pages.delete(tab)
        this.#rooms.want(tab, null)
        this.#watch(page.login)
      },
    }
  }

  /** A panel connected; the returned functions are what it may call. */
  openPanel(tab: Tab, panel: PanelFunctions): HostFunctions & { close(): void } {
    const feed = new PanelFeed(
      this.#clock,
      () => this.#view(tab),
      (delta) => panel.delta(delta),
    )
    this.#feeds.set(feed, tab)
    const session = () => this.#sessionOf(tab)
    return {
      snapshot: async () => feed.snapshot(),
      say: (key, text) => this.#say(tab, key, text),
      sayAgain: async (key) => session()?.outbox.sayAgain(key),
      discard: async (key) => session()?.outbox.discard(key),
      older: async (id) => {
        const current = session()
        return current ? olderView(current, id) : { messages: [], more: false }
      },
      writing: async (writing) => session()?.people.writing(writing),
      clearHistory: async () => session()?.log.clear(),
      setLinkedOnly: async (on) => session()?.standing.setLinkedOnly(on) ?? false,
      setCollapsed: async (collapsed) => {
        this.#saveCollapsed(collapsed)
        this.setCollapsed(collapsed)
      },
      reconnectNow: async () => this.reconnectNow(),
      about: async () => session()?.about() ?? null,
      close: () => {
        feed.close()
        this.#feeds.delete(feed)
      },
    }
  }

  /** The viewer asks, or the clock moved and the Worker's time is needed: everything is connected anew. */
  reconnectNow(): void {
    for (const session of this.#rooms.all) session.reconnectNow()
  }

  /** The network came, changed or went, or the machine slept: what does not answer is replaced, the rest kept. */
  networkChanged(isOnline: boolean): void {
    this.#isOnline = isOnline
    for (const session of this.#rooms.all) session.probe()
    this.#tellConnections()
  }

  /** Consent to direct links changed, or the relays that may be used. */
  termsChanged(): void {
    for (const session of this.#rooms.all) session.termsChanged()
  }

  /** The viewer cleared all history elsewhere: what is still in memory goes, too. */
  historyCleared(): void {
    for (const session of this.#rooms.all) void session.log.clear()
  }

  /** Shows all panels, or only their handles: the viewer's choice, now or from last time. */
  setCollapsed(collapsed: boolean): void {
    this.#collapsed = collapsed
    for (const page of this.#pages.values()) page.layout({ t: 'layout', collapsed })
    for (const feed of this.#feeds.keys()) feed.change({ collapsed })
  }

  #start(room: RoomId, world: SessionWorld): RoomSession {
    // What one that is being left still reports may be another identity's.
    const report = (change: SessionChange) => session === this.#rooms.get(room) && this.#changed(room, change)
    let session: RoomSession | undefined
    session = new RoomSession(room, world, report)
    session.people.setAway(this.#away.isAway(room))
    return session
  }

  async #say(tab: Tab, key: string, text: string): ReturnType<HostFunctions['say']> {
    if (!this.#credentials) return { refused: 'signed-out' }
    const refused = await (this.#sessionOf(tab)?.say(key, text) ?? 'no-room')
    return refused ? { refused } : { accepted: true }
  }

  #changed(room: RoomId, change: SessionChange): void {
    const session = this.#rooms.get(room)
    if (!session) return
    for (const [feed, tab] of this.#feeds) {
      if (this.#pages.get(tab)?.login !== roomLogin(room)) continue
      if (change.t === 'message') feed.message(messageView(change.message, session))
      else if (change.t === 'log') feed.reset(true)
      else if (change.t === 'membership')
        feed.notice({ ...change.membership, id: noticeId(change.membership) })
      else if (change.t === 'members') feed.change(peopleView(session))
      else if (change.t === 'connection') feed.change({ connection: this.#connection(session) })
      else if (change.t === 'rules') feed.change({ rules: rulesView(session) })
      else if (change.t === 'waiting') feed.change({ waiting: session.outbox.view })
      else if (change.t === 'typing') feed.change({ typing: session.people.typing })
      else feed.change({ history: session.log.history })
    }
  }

  #view(tab: Tab): Omit<RoomView, 'notices'> {
    const page = this.#pages.get(tab)
    const session = this.#sessionOf(tab)
    return {
      login: page?.login ?? null,
      me: this.#me,
      connection: this.#connection(session),
      ...roomView(session),
      theme: page?.theme ?? 'dark',
      collapsed: this.#collapsed,
    }
  }

  get #me(): RoomView['me'] {
    if (!this.#credentials) return null
    const { accountId, displayName: name, avatar } = this.#credentials
    return { accountId, name, ...(avatar !== undefined && { avatar }) }
  }

  #connection(session: RoomSession | undefined): RoomView['connection'] {
    return connectionView(session, {
      credentials: this.#credentials,
      isOnline: this.#isOnline,
      isAskingInVain: this.#isAskingInVain,
    })
  }

  #tellConnections(): void {
    for (const [feed, tab] of this.#feeds) feed.change({ connection: this.#connection(this.#sessionOf(tab)) })
  }

  /** Whether any tab of a channel is in sight decides whether its viewer is away. */
  #watch(login: string | null): void {
    if (login === null) return
    const pages = [...this.#pages.values()].filter((page) => page.login === login)
    if (pages.length === 0) this.#away.forget(channelRoom(login))
    else
      this.#away.see(
        channelRoom(login),
        pages.some(({ visible }) => visible),
      )
  }

  #sessionOf(tab: Tab): RoomSession | undefined {
    const login = this.#pages.get(tab)?.login ?? null
    return login === null ? undefined : this.#rooms.get(channelRoom(login))
  }

  #feedsOf(tab: Tab): PanelFeed[] {
    return [...this.#feeds].filter(([, of]) => of === tab).map(([feed]) => feed)
  }
}

const noticeId = ({ kind, name, ms }: { kind: string; name: string; ms: number }) => `${kind} ${name} ${ms}`
