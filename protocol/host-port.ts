import type { AccountId, DeviceId } from './device'
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
})
export type PageReport = z.infer<typeof pageReportSchema>

/** What the host tells the content script about the panel's frame. */
export interface PageLayout {
  t: 'layout'
  collapsed: boolean
}

export type ConnectionState = 'signed-out' | 'offline' | 'connecting' | 'connected'

export interface ConnectionView {
  state: ConnectionState
  /** Open links to other members. */
  links: number
  /** Whether the room object's socket is open: without it members go on, but nobody new is introduced. */
  server: boolean
}

/** A person: all devices of one account. */
export interface MemberView {
  accountId: AccountId
  name: string
  me: boolean
}

export interface MessageView {
  id: string
  accountId: AccountId
  device: DeviceId
  /** The passport's name when the message came. */
  name: string
  text: string
  /** Hybrid time, ms since the epoch. */
  ms: number
  mine: boolean
  /** Own messages: how many links took it at once; 0 while nobody did. */
  reach?: number
}

/** Somebody came or went; shown quietly. */
export interface MembershipView {
  id: string
  kind: 'arrived' | 'left'
  name: string
  ms: number
}

export interface RoomView {
  /** The channel's login, or `null` where the page has no room. */
  login: string | null
  me: { accountId: AccountId; name: string } | null
  connection: ConnectionView
  members: MemberView[]
  messages: MessageView[]
  notices: MembershipView[]
  theme: Theme
  collapsed: boolean
}

/** A whole view. `seq` numbers the next delta's predecessor. */
export interface RoomSnapshot {
  seq: number
  view: RoomView
}

/** What changed since delta `seq - 1`. Lists named `new…` are appended; everything else replaces. */
export interface RoomDelta {
  seq: number
  changed: Partial<Omit<RoomView, 'messages' | 'notices'>>
  newMessages: MessageView[]
  newNotices: MembershipView[]
}

/** Why `say` was refused. */
export type SayRefusal = 'no-room' | 'signed-out' | 'text-not-allowed' | 'too-fast'

/** What a panel may call on the host. Arguments are checked there again. */
export interface HostFunctions {
  snapshot(): Promise<RoomSnapshot>
  say(text: string): Promise<{ id: string } | { refused: SayRefusal }>
  setCollapsed(collapsed: boolean): Promise<void>
  reconnectNow(): Promise<void>
}

/** What the host calls on a panel. A gap in `seq` makes the panel ask for a snapshot. */
export interface PanelFunctions {
  delta(delta: RoomDelta): void
}
