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
import type { Standing } from '../../protocol/people'
import { channelRoom, type RoomId, roomLogin } from '../../protocol/room-id'
import type { Attention } from '../attention/attention'
import type { Clock } from '../clock'
import type { Drafts } from '../drafts/drafts'
import type { Emotes } from '../emotes/emotes'
import type { PersonChoices } from '../people/person-choices'
import { RoomSession } from '../room/room-session'
import { Rooms } from '../room/rooms'
import type { SessionChange, SessionWorld } from '../room/session-world'
import { loginFromUrl } from '../twitch/location'
import { isAboutHidden, tellFeed } from './feed-changes'
import { InSight } from './in-sight'
import { PanelFeed } from './panel-feed'
import { type LayoutMemory, PanelLayout } from './panel-layout'
import { Panels } from './panels'
import { sayIn, sessionCalls } from './session-calls'
import { type Page, type Tab, TabPages } from './tab-pages'
import { roomView } from './views'
import { WhoWeAre } from './who-we-are'

interface HostWorld extends LayoutMemory {
  clock: Clock
  emotes?: Pick<Emotes, 'view'>
  choices?: Pick<PersonChoices, 'all' | 'choose'>
  attention?: Attention
  drafts?: Pick<Drafts, 'draft' | 'keep'>
}

/**
 * The room host of a browser: pairs each tab's page with its panel, keeps the rooms that pages want, and tells
 * the panels. One however many tabs there are.
 */
export class RoomHost {
  readonly #clock: Clock
  readonly #layout: PanelLayout
  readonly #emotes: HostWorld['emotes']
  readonly #choices: HostWorld['choices']
  readonly #drafts: HostWorld['drafts']
  readonly #rooms: Rooms<RoomSession>
  readonly #inSight: InSight
  readonly #pages = new TabPages()
  readonly #panels = new Panels()
  readonly #who = new WhoWeAre()

  constructor({ clock, emotes, choices, attention, drafts, ...memory }: HostWorld) {
    this.#clock = clock
    this.#emotes = emotes
    this.#choices = choices
    this.#drafts = drafts
    this.#layout = new PanelLayout(memory, (layout) => {
      for (const page of this.#pages.all) page.layout(layout)
      for (const feed of this.#panels.feeds) feed.change({ collapsed: layout.collapsed })
      this.#inSight.lookAround()
    })
    this.#rooms = new Rooms(clock)
    this.#inSight = new InSight({
      clock,
      pages: this.#pages,
      attention,
      isCollapsed: () => this.#layout.collapsed,
      onAway: (room, away) => this.#rooms.get(room)?.people.setAway(away),
    })
  }

  /** Every session, for diagnosis. */
  get sessions(): readonly RoomSession[] {
    return this.#rooms.all
  }

  /** Whoever this browser is from now on; `null` when signed out. `world` speaks for that identity. */
  become(credentials: Credentials | null, world?: SessionWorld): void {
    this.#who.become(credentials)
    this.#inSight.forgetCalls()
    this.#rooms.restart(world ? (room) => this.#start(room, world) : null)
    for (const feed of this.#panels.feeds) feed.reset()
  }

  /** The background cannot say who we are: the Worker is needed for it, and away. */
  askedInVain(): void {
    this.#who.askedInVain()
    this.#tellConnections()
  }

  /** The same identity under a fresh passport. */
  renew(credentials: Credentials): void {
    this.#who.become(credentials)
    for (const session of this.#rooms.all) session.renewed()
    for (const feed of this.#panels.feeds) feed.change({ me: this.#who.me })
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
        this.#inSight.watch(before)
        this.#inSight.watch(login)
        for (const { feed } of this.#panels.in(tab)) login === before ? feed.change({ theme }) : feed.reset()
      },
      close: () => {
        // A reloaded page may have connected before its old port was seen to close.
        if (this.#pages.get(tab) !== page) return
        this.#pages.delete(tab)
        this.#rooms.want(tab, null)
        this.#inSight.watch(page.login)
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
    return {
      ...sessionCalls(() => this.#sessionOf(tab)),
      snapshot: async () => feed.snapshot(),
      say: (key, text, how) => this.#say(tab, key, text, how),
      setAway: async (away) => this.#inSight.declare(tab, away),
      attend: async (attention, title) => this.#inSight.attend(attention, title),
      draft: async (place) => (await this.#drafts?.draft(place)) ?? null,
      keepDraft: async (place, draft) => this.#drafts?.keep(place, draft),
      choose: (account, name, standing) => this.choose(account, name, standing),
      setCollapsed: async (collapsed) => this.#layout.collapse(collapsed),
      reconnectNow: async () => this.reconnectNow(),
      emotes: async () => (await this.#emotes?.view(this.#pages.loginOf(tab))) ?? NO_EMOTES,
      close: this.#panels.add({ tab, feed, panel }),
    }
  }

  /** The viewer asks, or the clock moved and the Worker's time is needed: everything is connected anew. */
  reconnectNow(): void {
    for (const session of this.#rooms.all) session.reconnectNow()
  }

  /** The network came, changed or went, or the machine slept: what does not answer is replaced, the rest kept. */
  networkChanged(isOnline: boolean): void {
    this.#who.isOnline = isOnline
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
    for (const feed of this.#panels.feeds) feed.reset()
  }

  /** The viewer pressed one of our shortcuts, in a tab or nowhere in particular. */
  command(name: CommandName, tab: Tab | undefined): void {
    if (tab === undefined || !this.#pages.get(tab)) return
    this.#layout.collapse(name === 'toggle-panel' && !this.#layout.collapsed)
    if (name === 'focus-composer') for (const { panel } of this.#panels.in(tab)) panel.focusComposer()
  }

  /** Panels ask for emotes anew. */
  emotesChanged(): void {
    for (const { panel } of this.#panels.all) panel.emotesChanged()
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
    session.people.setAway(this.#inSight.isAway(room))
    return session
  }

  async #say(tab: Tab, key: string, text: string, how?: SayHow): ReturnType<HostFunctions['say']> {
    if (!this.#who.isSignedIn) return { refused: 'signed-out' }
    this.#inSight.declare(tab, false)
    return sayIn(this.#sessionOf(tab), key, text, how)
  }

  #changed(room: RoomId, change: SessionChange): void {
    const session = this.#rooms.get(room)
    if (!session || isAboutHidden(change, session)) return
    if (change.t === 'message') this.#inSight.hear(room, change.message, session, this.#who.me?.name)
    for (const { feed, tab } of this.#panels.all)
      if (this.#pages.loginOf(tab) === roomLogin(room))
        tellFeed(feed, change, session, () => this.#who.connection(session))
  }

  #view(tab: Tab): Omit<RoomView, 'notices'> {
    const page = this.#pages.get(tab)
    const session = this.#sessionOf(tab)
    return {
      login: page?.login ?? null,
      me: this.#who.me,
      connection: this.#who.connection(session),
      ...roomView(session),
      choices: this.#choices?.all ?? [],
      theme: page?.theme ?? 'dark',
      collapsed: this.#layout.collapsed,
    }
  }

  #tellConnections(): void {
    for (const { feed, tab } of this.#panels.all)
      feed.change({ connection: this.#who.connection(this.#sessionOf(tab)) })
  }

  #sessionOf(tab: Tab): RoomSession | undefined {
    const login = this.#pages.loginOf(tab)
    return login === null ? undefined : this.#rooms.get(channelRoom(login))
  }
}
