import type { Attention } from './attention'
import { type AccountId, accountIdSchema, type DeviceId } from './device'
import type { Draft } from './draft'
import type { EmotesView } from './emotes'
import type { PersonChoice, PersonView, Standing } from './people'
import type { ReplyView } from './reply'
import type { ReportOutcome, ReportView, ReportWish } from './report-view'
import type { Role } from './role'
import { z } from './schema'

/**
 * What the panel and the content script say to the room host over `runtime` ports, and hear from it.
 * JSON only: ports carry no bytes.
 */
export type Theme = 'dark' | 'light'

/** Twitch's page as the content script reports it. `url` decides the room; nothing in the page can claim one. */
export const pageReportSchema = z.object({
  t: z.literal('page'),
  url: z.string().max(2_048),
  theme: z.enum(['dark', 'light']),
  /** Whether the tab is in sight: who has none in sight for long is away. */
  visible: z.boolean(),
})
export type PageReport = z.infer<typeof pageReportSchema>

/**
 * The forms of an open panel whose size the viewer can choose: beside Twitch's chat, over the video (both their width),
 * over a part of the chat (its height).
 */
export const SIZED_SHAPES = ['column', 'card', 'sheet'] as const
export type SizedShape = (typeof SIZED_SHAPES)[number]

/** What the viewer chose, in px; the usual size where nothing. */
export type PanelSizes = Partial<Record<SizedShape, number>>

const panelSize = z.int().min(100).max(4_000)
export const panelSizesSchema = z.partialRecord(z.enum(SIZED_SHAPES), panelSize)

/** The viewer dragged the panel's edge; `null` is the usual size again. */
export const sizeReportSchema = z.object({
  t: z.literal('size'),
  shape: z.enum(SIZED_SHAPES),
  size: panelSize.nullable(),
})
export type SizeReport = z.infer<typeof sizeReportSchema>

/** What the host tells the content script about the panel's frame: the same in all tabs. */
export interface PageLayout {
  t: 'layout'
  collapsed: boolean
  sizes: PanelSizes
}

/**
 * `hub-only`: the room object's socket is open, but no link to another member. `offline`: neither, and asked in vain, or
 * the browser says that there is no network. `barred`: only linked accounts take part here, and the viewer's is not.
 * `banned`: the viewer is.
 */
export type ConnectionState =
  | 'signed-out'
  | 'barred'
  | 'banned'
  | 'offline'
  | 'connecting'
  | 'hub-only'
  | 'connected'

export interface ConnectionView {
  state: ConnectionState
  /** Open links to other members. */
  links: number
  /** Those links by kind: from browser to browser, by a relay, through the room object. All sealed from end to end. */
  kinds: { direct: number; turn: number; hub: number }
  /** Whether the room object's socket is open: without it members go on, but nobody new is introduced. */
  server: boolean
  /** Somebody between us and the others altered an offer or an answer of theirs; it was refused. */
  tampered: boolean
}

/** A person: all devices of one account. */
export interface MemberView {
  accountId: AccountId
  name: string
  /** The hash of their picture, if they have one: see `picturePath`. */
  avatar?: string
  me: boolean
  /** Here, but has not looked for a while. */
  away: boolean
  /** What they are in this channel, where they show that. */
  role?: Role
}

/** How something is said. */
export interface SayHow {
  /** As what its author does (`/me waves`): `text` is without the command. */
  me?: true
  /** The id of the message that this answers. */
  reply?: string
}

export type { ReplyView }

export interface MessageView {
  id: string
  accountId: AccountId
  device: DeviceId
  /** What its author was called when the message came. */
  name: string
  text: string
  /** Hybrid time: ms since the epoch, and what orders messages of one millisecond. */
  ms: number
  count: number
  /** Of this viewer's account, on whichever device. */
  mine: boolean
  /** The hash of its author's picture, where this browser has seen a passport of theirs that names one. */
  avatar?: string
  /** Said as what its author does: `text` goes on after the name. */
  me?: true
  reply?: ReplyView
  /** What its author is in this channel, where they show that. */
  role?: Role
  /** Own messages of this visit: the key under which the panel said it. */
  key?: string
  /** Own messages of this visit: how many members it was sent to; 0 while nobody has it. */
  reach?: number
}

/** Why something waiting will not be sent by itself. */
export type SayRefusal =
  | 'no-room'
  | 'signed-out'
  | 'text-not-allowed'
  /** More is waiting already than will be sent within minutes. */
  | 'too-many-waiting'
  /** It waited so long that its author should say whether it is still meant. */
  | 'too-late'
  /** The browser's storage is full or does not work, so it could be said twice or never. */
  | 'storage'
  /** This device contradicted itself (a copied browser profile, for instance): nobody accepts what it says here. */
  | 'void-author'
  /** It was said when only linked accounts took part, and this one was not: nobody accepted it. */
  | 'unlinked'

/** Own text that is no message yet. */
export interface WaitingView {
  key: string
  text: string
  me?: true
  reply?: ReplyView
  /** When it was typed. */
  ms: number
  /**
   * `network`: nobody can be reached; `pace`: others' patience; `unlinked`: only linked accounts take part; `barred`: the
   * viewer is timed out or banned; `sending`: any moment now.
   */
  state: 'sending' | 'network' | 'pace' | 'unlinked' | 'barred' | 'refused'
  refused?: SayRefusal
}

/** What the viewer should know about the stored history of this room. */
export interface HistoryView {
  /** Whether there are older messages than the oldest shown. */
  more: boolean
  /** Stored messages that could not be read and were skipped. */
  corrupt: number
  /** `full`: old messages were let go; `unavailable`: nothing is kept. */
  problem: 'full' | 'unavailable' | null
}

/** Somebody came, went, took another name, or their account is deleted or suspended (`ended`); shown quietly. */
export interface MembershipView {
  id: string
  kind: 'arrived' | 'left' | 'renamed' | 'ended'
  name: string
  /** Of those who were renamed: what they were called before. */
  was?: string
  ms: number
}

/** Something that was decided for the room, by whom, as everybody sees it. */
export interface ActView {
  id: string
  act: 'linked-only' | 'slow' | 'clear' | 'delete' | 'timeout' | 'ban' | 'unban'
  /** When it was decided. */
  ms: number
  by: string
  /** Whom it is about. */
  target?: { accountId: AccountId; name: string }
  /** Of time-outs: until when; of deleted messages: when they were said. */
  until?: number
  at?: number
  /** Of a slow room: seconds between two messages; 0 for as often as one likes. */
  seconds?: number
  /** Of a room for linked accounts: whether it is one. */
  on?: boolean
  /** It holds now, and whoever may can undo it. */
  stands: boolean
}

/** What a viewer with a role decides. */
export type Decision =
  | { act: 'delete'; message: string }
  | { act: 'timeout'; account: AccountId; name: string; ms: number }
  | { act: 'ban' | 'unban'; account: AccountId; name: string }
  | { act: 'slow'; seconds: number }
  | { act: 'clear' }

const decidedAbout = { account: accountIdSchema, name: z.string().max(100) }
export const decisionSchema = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('delete'), message: z.string().max(100) }),
  z.strictObject({ act: z.literal('timeout'), ...decidedAbout, ms: z.int().min(1_000) }),
  z.strictObject({ act: z.enum(['ban', 'unban']), ...decidedAbout }),
  z.strictObject({ act: z.literal('slow'), seconds: z.int().min(0) }),
  z.strictObject({ act: z.literal('clear') }),
])

/** Why and until when the viewer may not speak; a ban has no end. `by` is unknown where only the room object said so. */
export interface BarView {
  kind: 'timeout' | 'ban'
  until: number | null
  by: string | null
}

/** What was decided for the room, and what this viewer may do. */
export interface RulesView {
  /** Only accounts that are linked to Twitch take part. */
  linkedOnly: boolean
  /** The viewer's is not, and so they do not. */
  barred: boolean
  /** The viewer runs or moderates the channel, and may decide that. */
  mayRule: boolean
  /** As what. */
  role: Role | null
  /** Seconds between two messages of one account; 0 where the room is not slow. */
  slow: number
  /** The viewer has to be silent. */
  bar: BarView | null
}

export interface RoomView {
  /** The channel's login, or `null` where the page has no room. */
  login: string | null
  me: { accountId: AccountId; name: string; avatar?: string } | null
  connection: ConnectionView
  rules: RulesView
  /** Everybody, or a sample that includes oneself where there are more than `MAX_PEOPLE_NAMED`. */
  members: MemberView[]
  memberCount: number
  /** Others who are writing just now, longest first. */
  typing: { accountId: AccountId; name: string }[]
  /** The newest, in order; older ones on demand. */
  messages: MessageView[]
  history: HistoryView
  /** In the order they were typed. */
  waiting: WaitingView[]
  notices: MembershipView[]
  /** What was decided last, the oldest first. */
  acts: ActView[]
  /** What was reported to this viewer, who moderates, the newest first. */
  reports: ReportView[]
  /** Whom the viewer has muted or blocked, the latest first. */
  choices: PersonChoice[]
  theme: Theme
  collapsed: boolean
}

/** A whole view. `seq` numbers the next delta's predecessor. */
export interface RoomSnapshot {
  seq: number
  view: RoomView
}

/**
 * What changed since delta `seq - 1`. `newNotices` are appended; `newMessages` take their places in order, or those of
 * messages with the same ids; everything else replaces.
 */
export interface RoomDelta {
  seq: number
  changed: Partial<Omit<RoomView, 'messages' | 'notices'>>
  newMessages: MessageView[]
  newNotices: MembershipView[]
}

/** A page of messages older than what was asked for, in order. */
export interface OlderMessages {
  messages: MessageView[]
  more: boolean
}

/** What a search found, the newest first. `more`: there are older ones that it did not get to. */
export interface FoundMessages {
  messages: MessageView[]
  more: boolean
}

/** The living mesh, as one member sees it. */
export interface AboutView {
  /** Our own links, as messages go; never more than a handful. */
  links: {
    id: DeviceId
    /** Who is at the other end, once known. */
    accountId?: AccountId
    name?: string
    kind: 'direct' | 'turn' | 'hub'
    /** The last round trip to it (ms), once measured. */
    rtt?: number
  }[]
  /** People in the room; about as many, unless it is exact. */
  members: number
  isExact: boolean
  /** Whether everybody is linked with everybody. */
  isFullMesh: boolean
  /** Links that the newest messages took to get here: the most of them; 0 when none came. */
  hops: number
}

/** What a panel may call on the host. Arguments are checked there again. */
export interface HostFunctions {
  snapshot(): Promise<RoomSnapshot>
  /**
   * Takes text to be said; resolves once it is safe, whatever happens to the browser. `key` (a UUID) is the panel's name
   * for it: the same key again, after a lost answer, changes nothing.
   */
  say(key: string, text: string, how?: SayHow): Promise<{ accepted: true } | { refused: SayRefusal }>
  /** Says what was refused again, as if typed now. */
  sayAgain(key: string): Promise<void>
  /** Drops what waits or was refused. */
  discard(key: string): Promise<void>
  /** The page of messages before the one with `id`. */
  older(id: string): Promise<OlderMessages>
  /** Messages of this room's history that hold every word of `text`, in whatever case and with whatever accents. */
  search(text: string): Promise<FoundMessages>
  /** The composer holds text that is being changed, or not. */
  writing(writing: boolean): Promise<void>
  /** Forgets everything said in this room until now, on this browser. */
  clearHistory(): Promise<void>
  /** Decides whether only linked accounts take part; resolves with whether that counts now. */
  setLinkedOnly(on: boolean): Promise<boolean>
  /** Decides something for the room, or about somebody; resolves with whether that counts now. */
  moderate(decision: Decision): Promise<boolean>
  /** Reports somebody to the room's moderators, or where none is here to the operator; resolves with who has it. */
  report(wish: ReportWish): Promise<ReportOutcome>
  /** Takes a report out of this moderator's list. */
  dismissReport(id: string): Promise<void>
  /** The viewer says that they are away from this room, or back. */
  setAway(away: boolean): Promise<void>
  /**
   * What may call the viewer, as they chose it: the host cannot read settings. `title`: what a notification is called, in
   * their language, with `CALLED_BY` and `CALLED_IN` for who calls where.
   */
  attend(attention: Attention, title: string): Promise<void>
  /** What was being written in a place: an account, a space, and a channel's login. */
  draft(place: string): Promise<Draft | null>
  /** Keeps it over a restart of the browser; an empty one is forgotten. */
  keepDraft(place: string, draft: Draft): Promise<void>
  /** What there is to tell of somebody who is in this room or said something in it. */
  person(account: AccountId): Promise<PersonView | null>
  /**
   * Mutes or blocks somebody on this browser, or undoes it (`null`). Holds at once; resolves with whether it is kept for the
   * next time.
   */
  choose(account: AccountId, name: string, standing: Standing | null): Promise<boolean>
  setCollapsed(collapsed: boolean): Promise<void>
  reconnectNow(): Promise<void>
  /** How the room is connected just now; `null` without a room. Asked again, it knows more: each time links are measured. */
  about(): Promise<AboutView | null>
  /** The emotes of the tab's channel; none unless the viewer agreed to them. */
  emotes(): Promise<EmotesView>
}

/** What the host calls on a panel. A gap in `seq` makes the panel ask for a snapshot. */
export interface PanelFunctions {
  delta(delta: RoomDelta): void
  /** `emotes` says something else now. */
  emotesChanged(): void
  /** The viewer wants to write: the keys go to the composer. */
  focusComposer(): void
}
