import type { CommandName } from '../../protocol/commands'
import type { Credentials } from '../../protocol/control'
import type { AccountId } from '../../protocol/device'
import { NO_EMOTES } from '../../protocol/emotes'
import type {
  HostFunctions,
  PageReport,
  PanelFunctions,
  PanelSizes,
  RoomView,
  SayHow,
  SizeReport,
} from '../../protocol/host-port'
import { messageIdSchema } from '../../protocol/message'
import type { Standing } from '../../protocol/people'
import { channelRoom, type RoomId, roomLogin } from '../../protocol/room-id'
import type { Attention } from '../attention/attention'
import { hear } from '../attention/room-calls'
import type { Clock } from '../clock'
import type { Emotes } from '../emotes/emotes'
import type { LoggedMessage } from '../log/logged-message'
import type { PersonChoices } from '../people/person-choices'
import { RoomSession } from '../room/room-session'
import { Rooms } from '../room/rooms'
import type { SessionChange, SessionWorld } from '../room/session-world'
import { loginFromUrl } from '../twitch/location'
import { AwayWatch } from './away'
import { isAboutHidden, tellFeed } from './feed-changes'
import { PanelFeed } from './panel-feed'
import { type LayoutMemory, PanelLayout } from './panel-layout'
import { sessionCalls } from './session-calls'
import { type Page, type Tab, TabPages } from './tab-pages'
import { connectionView, roomView } from './views'

interface HostWorld extends LayoutMemory {
  clock: Clock
  emotes?: Pick<Emotes, 'view'>
  choices?: Pick<PersonChoices, 'all' | 'choose'>
  attention?: Attention
}

/**
 * The room host of a browser: pairs each tab's page with its panel, keeps the rooms that pages want, and tells
 * the panels. One however many tabs there are.
 */
export class RoomHost {
  readonly #clock: Clock
  readonly #layout: PanelLayout
  readonly #emotes: Pick<Emotes, 'view'> | undefined
  readonly #choices: Pick<PersonChoices, 'all' | 'choose'> | undefined
  readonly #attention: Attention | undefined
  readonly #rooms: Rooms<RoomSession>
  readonly #away: AwayWatch
  readonly #pages = new TabPages()
  readonly #feeds = new Map<PanelFeed, Tab>()
  readonly #panels = new Map<PanelFunctions, Tab>()
  /** `undefined` until the background has said who we are. */
  #credentials: Credentials | null | undefined
  #isAskingInVain = false
  #isOnline = true

  constructor({ clock, emotes, choices, attention, ...memory }: HostWorld) {
    this.#clock = clock
    this.#emotes = emotes
    this.#choices = choices
    this.#attention = attention
    this.#layout = new PanelLayout(memory, (layout) => {
      for (const page of this.#pages.all) page.layout(layout)
      for (const feed of this.#feeds.keys()) feed.change({ collapsed: layout.collapsed })
      for (const { login } of this.#pages.all) this.#look(login)
    })
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
    for (const { login } of this.#pages.all) if (login !== null) this.#attention?.forget(channelRoom(login))
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
  openPage(
    tab: Tab,
    layout: Page['layout'],
  ): { report(report: PageReport): void; resize(report: SizeReport): void; close(): void } {
    const page: Page = { login: null, theme: 'dark', visible: true, layout }
    this.#pages.set(tab, page)
    if (this.#layout.message) layout(this.#layout.message)
    return {
      resize: ({ shape, size }) => this.#layout.resize(shape, size),
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
    this.#panels.set(panel, tab)
    return {
      ...sessionCalls(() => this.#sessionOf(tab)),
      snapshot: async () => feed.snapshot(),
      say: (key, text, how) => this.#say(tab, key, text, how),
      setAway: async (away) => this.#declareAway(tab, away),
      attend: async (attention) => this.#attention?.want(attention),
      choose: (account, name, standing) => this.choose(account, name, standing),
      setCollapsed: async (collapsed) => this.#layout.collapse(collapsed),
      reconnectNow: async () => this.reconnectNow(),
      emotes: async () => (await this.#emotes?.view(this.#pages.loginOf(tab))) ?? NO_EMOTES,
      close: () => {
        feed.close()
        this.#feeds.delete(feed)
        this.#panels.delete(panel)
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

  /** Mutes or blocks somebody, or undoes it (`null`). Resolves with whether it is kept. */
  async choose(account: AccountId, name: string, standing: Standing | null): Promise<boolean> {
    return (await this.#choices?.choose(account, name, standing)) ?? false
  }

  /** Whom the viewer has muted or blocked changed: what panels show of the past, too. */
  standingsChanged(): void {
    for (const session of this.#rooms.all) session.standingsChanged()
    for (const feed of this.#feeds.keys()) feed.reset()
  }

  /** The viewer pressed one of our shortcuts, in a tab or nowhere in particular. */
  command(name: CommandName, tab: Tab | undefined): void {
    if (tab === undefined || !this.#pages.get(tab)) return
    this.#layout.collapse(name === 'toggle-panel' && !this.#layout.collapsed)
    if (name === 'focus-composer')
      for (const [panel, of] of this.#panels) if (of === tab) panel.focusComposer()
  }

  /** Panels ask for emotes anew. */
  emotesChanged(): void {
    for (const panel of this.#panels.keys()) panel.emotesChanged()
  }

  /** The viewer cleared all history elsewhere: what is still in memory goes, too. */
  historyCleared(): void {
    for (const session of this.#rooms.all) void session.log.clear()
  }

  /** How the viewer left the panels last time: until that is known, pages show none. */
  restoreLayout(collapsed: boolean, sizes: PanelSizes): void {
    this.#layout.restore(collapsed, sizes)
  }

  #start(room: RoomId, world: SessionWorld): RoomSession {
    // What one that is being left still reports may be another identity's.
    const report = (change: SessionChange) => session === this.#rooms.get(room) && this.#changed(room, change)
    let session: RoomSession | undefined
    session = new RoomSession(room, world, report)
    session.people.setAway(this.#away.isAway(room))
    return session
  }

  async #say(tab: Tab, key: string, text: string, how: SayHow = {}): ReturnType<HostFunctions['say']> {
    if (!this.#credentials) return { refused: 'signed-out' }
    const { reply, ...manner } = how
    const id = messageIdSchema.optional().safeParse(reply)
    if (!id.success) return { refused: 'text-not-allowed' }
    const words = { ...manner, ...(id.data !== undefined && { reply: id.data }) }
    this.#declareAway(tab, false)
    const refused = await (this.#sessionOf(tab)?.say(key, text, words) ?? 'no-room')
    return refused ? { refused } : { accepted: true }
  }

  #changed(room: RoomId, change: SessionChange): void {
    const session = this.#rooms.get(room)
    if (!session || isAboutHidden(change, session)) return
    if (change.t === 'message') this.#hear(room, change.message, session)
    for (const [feed, tab] of this.#feeds)
      if (this.#pages.loginOf(tab) === roomLogin(room))
        tellFeed(feed, change, session, () => this.#connection(session))
  }

  #view(tab: Tab): Omit<RoomView, 'notices'> {
    const page = this.#pages.get(tab)
    const session = this.#sessionOf(tab)
    return {
      login: page?.login ?? null,
      me: this.#me,
      connection: this.#connection(session),
      ...roomView(session),
      choices: this.#choices?.all ?? [],
      theme: page?.theme ?? 'dark',
      collapsed: this.#layout.collapsed,
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
    this.#look(login)
    const room = channelRoom(login)
    if (this.#pages.isOpen(login)) return this.#away.see(room, this.#pages.isVisible(login))
    this.#attention?.forget(room)
    this.#away.forget(room)
  }

  #declareAway(tab: Tab, away: boolean): void {
    const login = this.#pages.loginOf(tab)
    if (login !== null) this.#away.declare(channelRoom(login), away)
  }

  /** Whatever called the viewer in a room is seen with the room. */
  #look(login: string | null): void {
    if (login !== null && this.#isInView(login)) this.#attention?.seen(channelRoom(login))
  }

  #isInView(login: string): boolean {
    return !this.#layout.collapsed && this.#pages.isVisible(login)
  }

  #hear(room: RoomId, message: LoggedMessage, session: RoomSession): void {
    const login = roomLogin(room)
    const tab = this.#pages.tabOf(login)
    const me = this.#me?.name
    if (!this.#attention || tab === undefined || me === undefined) return
    hear(this.#attention, message, session, { room, tab, me, inView: this.#isInView(login) })
  }

  #sessionOf(tab: Tab): RoomSession | undefined {
    const login = this.#pages.loginOf(tab)
    return login === null ? undefined : this.#rooms.get(channelRoom(login))
  }

  #feedsOf(tab: Tab): PanelFeed[] {
    return [...this.#feeds].filter(([, of]) => of === tab).map(([feed]) => feed)
  }
}
