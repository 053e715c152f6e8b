import type { Attention } from '../../../protocol/attention'
import { accountIdSchema, deviceIdSchema } from '../../../protocol/device'
import type { Draft } from '../../../protocol/draft'
import type {
  ConnectionView,
  FoundMessages,
  HostFunctions,
  MemberView,
  MessageView,
  OlderMessages,
  RoomDelta,
  RoomView,
  WaitingView,
} from '../../../protocol/host-port'
import type { PersonView } from '../../../protocol/people'
import type { ConnectToHost, HostEvents } from '../../../stores/host'

export const ME = accountIdSchema.parse('meAAAAAAAAAAAAAAAAAAAA')
export const HERON = accountIdSchema.parse('heronAAAAAAAAAAAAAAAAA')
const DEVICE = deviceIdSchema.parse('A'.repeat(43))

export const message = (id: string, more: Partial<MessageView> = {}): MessageView => ({
  id,
  accountId: HERON,
  device: DEVICE,
  name: 'CalmHeron',
  text: `text of ${id}`,
  ms: 1_000,
  count: 0,
  mine: false,
  ...more,
})

export const own = (id: string, text: string, more: Partial<MessageView> = {}): MessageView =>
  message(id, { accountId: ME, name: 'BraveOtter', mine: true, text, ...more })

export const waiting = (key: string, more: Partial<WaitingView> = {}): WaitingView => ({
  key,
  text: `text of ${key}`,
  ms: 1_000,
  state: 'sending',
  ...more,
})

export const member = (name: string, more: Partial<MemberView> = {}): MemberView => ({
  accountId: accountIdSchema.parse(name.padEnd(22, 'A')),
  name,
  me: false,
  away: false,
  ...more,
})

/** Links of these kinds, and the room object's socket. */
export const connected = (
  kinds: Partial<ConnectionView['kinds']> = {},
  more: Partial<ConnectionView> = {},
): ConnectionView => {
  const all = { direct: 0, turn: 0, hub: 0, ...kinds }
  const links = all.direct + all.turn + all.hub
  return {
    state: links > 0 ? 'connected' : 'hub-only',
    links,
    kinds: all,
    server: true,
    tampered: false,
    ...more,
  }
}

export const view = (more: Partial<RoomView> = {}): RoomView => ({
  login: 'gamer',
  me: { accountId: ME, name: 'BraveOtter' },
  connection: connected({ turn: 2 }),
  rules: { linkedOnly: false, barred: false, mayRule: false, role: null, slow: 0, bar: null },
  members: [member('BraveOtter', { accountId: ME, me: true })],
  memberCount: 1,
  typing: [],
  messages: [],
  history: { more: false, corrupt: 0, problem: null },
  waiting: [],
  notices: [],
  acts: [],
  reports: [],
  choices: [],
  theme: 'dark',
  collapsed: false,
  ...more,
})

type Said = Awaited<ReturnType<HostFunctions['say']>>

/** Lets what was answered take its way. */
export const settled = () => new Promise((resolve) => setTimeout(resolve, 0))

/** A host whose every word the test decides. */
export function fakeHost() {
  const said: { key: string; text: string; answer(value: Said): void; die(): void }[] = []
  const pages: { before: string; answer(page: OlderMessages): void; fail(): void }[] = []
  const searches: { text: string; answer(found: FoundMessages): void; fail(): void }[] = []
  const calls: string[] = []
  let events: HostEvents | undefined
  let seq = 0
  /** Those of whom the host knows something. */
  const people = new Map<string, PersonView>()
  const attended: Attention[] = []
  const titles: string[] = []
  /** What is kept of what was being written, by place. */
  const drafts = new Map<string, Draft>()
  /** Calls in `broken` reject. */
  const broken = new Set<string>()

  function listener(): HostEvents {
    if (!events) throw new Error('nobody is attached')
    return events
  }

  async function call(name: string, ...args: unknown[]): Promise<void> {
    calls.push([name, ...args].join(' '))
    if (broken.has(name)) throw new Error('port closed')
  }

  const connect: ConnectToHost = (given) => {
    events = given
    return {
      say: (key, text) =>
        new Promise((resolve, reject) => {
          said.push({ key, text, answer: resolve, die: () => reject(new Error('port closed')) })
        }),
      older: (before) =>
        new Promise((resolve, reject) => {
          pages.push({ before, answer: resolve, fail: () => reject(new Error('port closed')) })
        }),
      search: (text) =>
        new Promise((resolve, reject) => {
          searches.push({ text, answer: resolve, fail: () => reject(new Error('port closed')) })
        }),
      sayAgain: (key) => call('sayAgain', key),
      discard: (key) => call('discard', key),
      writing: (now) => call('writing', now),
      clearHistory: () => call('clearHistory'),
      setLinkedOnly: (on) => call('setLinkedOnly', on).then(() => true),
      moderate: (decision) => call('moderate', decision).then(() => true),
      report: (wish) => call('report', JSON.stringify(wish)).then(() => ({ to: 'moderators' })),
      dismissReport: (id) => call('dismissReport', id),
      setAway: (away) => call('setAway', away),
      async attend(attention, title) {
        attended.push(attention)
        titles.push(title)
      },
      draft: async (place) => drafts.get(place) ?? null,
      keepDraft: async (place, draft) => void drafts.set(place, draft),
      person: async (account) => people.get(account) ?? null,
      choose: async (account, _name, standing) => {
        await call('choose', account, standing)
        return true
      },
      setCollapsed: (collapsed) => call('setCollapsed', collapsed),
      reconnectNow: () => call('reconnectNow'),
      about: async () => null,
      refresh: () => call('refresh'),
      close: () => void calls.push('close'),
    }
  }

  return {
    connect,
    said,
    pages,
    searches,
    calls,
    people,
    attended,
    titles,
    drafts,
    broken,
    state: (state: 'connecting' | 'open') => listener().onState(state),
    /** The port is lost, and with it every answer that was still to come. */
    async die(): Promise<void> {
      listener().onState('connecting')
      for (const one of said) one.die()
      for (const page of pages) page.fail()
      await settled()
    },
    /** Without a number: as if the host had counted on. */
    snapshot(of: RoomView, number = seq): void {
      seq = number
      listener().onSnapshot({ seq, view: of })
    },
    delta(more: Partial<RoomDelta> = {}, number = seq + 1): void {
      seq = number
      listener().onDelta({ changed: {}, newMessages: [], newNotices: [], ...more, seq })
    },
  }
}
