import type { Credentials } from '../../protocol/control'
import type {
  ConnectionView,
  HostFunctions,
  PageLayout,
  PageReport,
  PanelFunctions,
  RoomView,
  Theme,
} from '../../protocol/host-port'
import { SAY_RATE } from '../../protocol/limits'
import { channelRoom, type RoomId, roomLogin } from '../../protocol/room-id'
import type { Clock } from '../clock'
import { RoomSession, type SessionChange, type SessionWorld } from '../room/room-session'
import { Rooms } from '../room/rooms'
import { TokenBucket } from '../room/token-bucket'
import { loginFromUrl } from '../twitch/location'
import { PanelFeed } from './panel-feed'
import { messageView } from './views'

/** One browser tab, by its `sender.tab.id`. */
type Tab = number

interface Page {
  login: string | null
  theme: Theme
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
  readonly #sayRate: TokenBucket
  readonly #saveCollapsed: (collapsed: boolean) => void
  readonly #rooms: Rooms<RoomSession>
  readonly #pages = new Map<Tab, Page>()
  readonly #feeds = new Map<PanelFeed, Tab>()
  /** `undefined` until the background has said who we are. */
  #credentials: Credentials | null | undefined
  #isAskingInVain = false
  #collapsed = false

  constructor({ clock, saveCollapsed }: HostWorld) {
    this.#clock = clock
    this.#saveCollapsed = saveCollapsed
    this.#sayRate = new TokenBucket(SAY_RATE.burst, SAY_RATE.perSecond, clock.now())
    this.#rooms = new Rooms(clock)
  }

  /** Every session, for diagnosis. */
  get sessions(): readonly RoomSession[] {
    return this.#rooms.all
  }

  /** Whoever this browser is from now on; `null` when signed out. `world` speaks for that identity. */
  become(credentials: Credentials | null, world?: SessionWorld): void {
    this.#credentials = credentials
    this.#isAskingInVain = false
    this.#rooms.restart(
      world ? (room) => new RoomSession(room, world, (change) => this.#changed(room, change)) : null,
    )
    for (const [feed, tab] of this.#feeds) feed.reset(this.#view(tab))
  }

  /** The background cannot say who we are: the Worker is needed for it, and away. */
  askedInVain(): void {
    this.#isAskingInVain = true
    if (this.#credentials) return
    for (const feed of this.#feeds.keys()) feed.change({ connection: this.#connection(undefined) })
  }

  /** The same identity under a fresh passport. */
  renew(credentials: Credentials): void {
    this.#credentials = credentials
    this.#isAskingInVain = false
    for (const session of this.#rooms.all) session.announce()
    for (const feed of this.#feeds.keys()) feed.change({ me: this.#me })
  }

  /** A content script connected; the returned functions are what its port does. */
  openPage(tab: Tab, layout: Page['layout']): { report(report: PageReport): void; close(): void } {
    const page: Page = { login: null, theme: 'dark', layout }
    this.#pages.set(tab, page)
    layout({ t: 'layout', collapsed: this.#collapsed })
    return {
      report: ({ url, theme }) => {
        if (this.#pages.get(tab) !== page) return
        const login = loginFromUrl(url)
        const moved = login !== page.login
        page.login = login
        page.theme = theme
        this.#rooms.want(tab, login === null ? null : channelRoom(login))
        for (const feed of this.#feedsOf(tab)) moved ? feed.reset(this.#view(tab)) : feed.change({ theme })
      },
      close: () => {
        // A reloaded page may have connected before its old port was seen to close.
        if (this.#pages.get(tab) !== page) return
        this.#pages.delete(tab)
        this.#rooms.want(tab, null)
      },
    }
  }

  /** A panel connected; the returned functions are what it may call. */
  openPanel(tab: Tab, panel: PanelFunctions): HostFunctions & { close(): void } {
    const feed = new PanelFeed(this.#clock, this.#view(tab), (delta) => panel.delta(delta))
    this.#feeds.set(feed, tab)
    return {
      snapshot: async () => feed.snapshot(),
      say: (text) => this.#say(feed, text),
      setCollapsed: async (collapsed) => {
        this.#saveCollapsed(collapsed)
        this.setCollapsed(collapsed)
      },
      reconnectNow: async () => this.hurry(),
      close: () => {
        feed.close()
        this.#feeds.delete(feed)
      },
    }
  }

  /** The network came back, or the viewer asks: try everything now. */
  hurry(): void {
    for (const session of this.#rooms.all) session.hurry()
  }

  async #say(feed: PanelFeed, text: string): ReturnType<HostFunctions['say']> {
    if (!this.#credentials) return { refused: 'signed-out' }
    const session = feed.login === null ? undefined : this.#rooms.get(channelRoom(feed.login))
    if (!session) return { refused: 'no-room' }
    if (!this.#sayRate.take(1, this.#clock.now())) return { refused: 'too-fast' }
    try {
      return { id: (await session.say(text)).id }
    } catch (error) {
      if (error instanceof TypeError) return { refused: 'text-not-allowed' }
      throw error
    }
  }

  /** Shows all panels, or only their handles: the viewer's choice, now or from last time. */
  setCollapsed(collapsed: boolean): void {
    this.#collapsed = collapsed
    for (const page of this.#pages.values()) page.layout({ t: 'layout', collapsed })
    for (const feed of this.#feeds.keys()) feed.change({ collapsed })
  }

  #changed(room: RoomId, change: SessionChange): void {
    const session = this.#rooms.get(room)
    const credentials = this.#credentials
    if (!session || !credentials) return
    for (const feed of this.#feeds.keys()) {
      if (feed.login !== roomLogin(room)) continue
      if (change.t === 'message') feed.message(messageView(change.message, credentials.device, change.reach))
      else if (change.t === 'members') feed.change({ members: session.people })
      else if (change.t === 'connection') feed.change({ connection: this.#connection(session) })
      else feed.notice({ ...change, id: `${change.kind} ${change.name} ${change.ms}` })
    }
  }

  #view(tab: Tab): RoomView {
    const page = this.#pages.get(tab)
    const login = page?.login ?? null
    const session = login === null ? undefined : this.#rooms.get(channelRoom(login))
    const device = this.#credentials?.device
    return {
      login,
      me: this.#me,
      connection: this.#connection(session),
      members: session?.people ?? [],
      messages: session?.log.all.map((message) => messageView(message, device)) ?? [],
      notices: [],
      theme: page?.theme ?? 'dark',
      collapsed: this.#collapsed,
    }
  }

  get #me(): RoomView['me'] {
    if (!this.#credentials) return null
    return { accountId: this.#credentials.accountId, name: this.#credentials.displayName }
  }

  #connection(session: RoomSession | undefined): ConnectionView {
    const none = { links: 0, server: false }
    if (this.#credentials === null) return { state: 'signed-out', ...none }
    if (!session) return { state: this.#isAskingInVain ? 'offline' : 'connecting', ...none }
    const { linkCount: links, hasServer: server } = session
    const isOn = server || links > 0
    return { state: isOn ? 'connected' : session.isServerFailing ? 'offline' : 'connecting', links, server }
  }

  #feedsOf(tab: Tab): PanelFeed[] {
    return [...this.#feeds].filter(([, of]) => of === tab).map(([feed]) => feed)
  }
}
