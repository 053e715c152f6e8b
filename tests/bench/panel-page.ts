/**
 * Runs in the page before the panel does: stands in for the browser's extension interface and for the room host, so that
 * the panel that ships can be fed anything. The port carries JSON, as ports do.
 */
import { createBirpc } from 'birpc'
import type { HostFunctions, MessageView, PanelFunctions, RoomView } from '../../protocol/host-port'
import { newestMatching, searchWords } from '../../protocol/text-search'
import { area, event, getMessage } from './panel-browser'
import { takeFrames, watchFrames } from './panel-frames'
import { plainList, storm } from './panel-load'
import { ME, nextMessage } from './panel-messages'

/** A host's page. */
const PAGE = 100

const view: RoomView = {
  login: 'quietharbour',
  me: { accountId: ME, name: 'BraveOtter' },
  connection: {
    state: 'connected',
    links: 5,
    kinds: { direct: 0, turn: 5, hub: 0 },
    server: true,
    tampered: false,
  },
  rules: { linkedOnly: false, barred: false, mayRule: false, role: null, slow: 0, bar: null },
  members: [{ accountId: ME, name: 'BraveOtter', me: true, away: false }],
  memberCount: 61,
  typing: [],
  messages: [],
  history: { more: false, corrupt: 0, problem: null },
  waiting: [],
  notices: [],
  acts: [],
  reports: [],
  choices: [],
  theme: location.hash === '#light' ? 'light' : 'dark',
  collapsed: false,
}

/** Everything that was said, for `older` and `search`. */
const log: MessageView[] = []
let seq = 0
let panel: PanelFunctions | undefined

const host: Pick<HostFunctions, 'snapshot' | 'older' | 'search' | 'say'> & Record<string, unknown> = {
  snapshot: async () => {
    const messages = log.slice(-PAGE)
    return { seq, view: { ...view, messages, history: { ...view.history, more: log.length > PAGE } } }
  },
  older: async (id) => {
    const end = log.findIndex((message) => message.id === id)
    const start = Math.max(0, end - PAGE)
    return { messages: log.slice(start, Math.max(0, end)), more: start > 0 }
  },
  search: async (text) => newestMatching(log, ({ name, text }) => [name, text], searchWords(text), 50),
  say: async (key, text, how) => {
    const { name } = view.me ?? { name: '' }
    const message = { ...nextMessage(Date.now()), accountId: ME, name, text, key, mine: true, reach: 5 }
    tell([{ ...message, ...(how?.me && { me: true }), ...(how?.reply && { reply: { id: how.reply } }) }])
    return { accepted: true }
  },
  ...Object.fromEntries(
    ['sayAgain', 'discard', 'writing', 'clearHistory', 'setAway', 'setCollapsed', 'reconnectNow'].map(
      (name) => [name, async () => undefined],
    ),
  ),
  person: async () => null,
  about: async () => null,
  choose: async () => true,
  emotes: async () => ({ allowed: false, sets: [], unreachable: [] }),
}

/** The host reports what was said. */
function tell(newMessages: MessageView[], changed: Partial<RoomView> = {}): void {
  log.push(...newMessages)
  Object.assign(view, changed)
  seq += 1
  void panel?.delta({ seq, changed, newMessages, newNotices: [] })
}

function connect() {
  const toPanel = event()
  const toHost = event()
  const copied = (data: unknown): unknown => JSON.parse(JSON.stringify(data))
  panel = createBirpc<PanelFunctions, typeof host>(host, {
    post: (data) => queueMicrotask(() => toPanel.fire(copied(data))),
    on: (listener) => toHost.addListener(listener),
  })
  return {
    onMessage: toPanel,
    onDisconnect: event(),
    disconnect: () => undefined,
    postMessage: (data: unknown) => queueMicrotask(() => toHost.fire(copied(data))),
  }
}

async function answer(message: { call?: string }): Promise<unknown> {
  if (message.call === 'identity')
    return { ok: true, value: { state: 'signed-in', accountId: ME, displayName: 'BraveOtter' } }
  return { ok: true, value: null }
}

let plain: ReturnType<typeof plainList> | undefined

const bench = {
  /** So many messages, of long ago to now. */
  fill: (count: number) =>
    tell(Array.from({ length: count }, (_, at) => nextMessage(Date.now() - (count - at) * 100))),
  tell,
  log,
  nextMessage,
  watchFrames,
  takeFrames,
  storm: (perSecond: number, seconds: number, batchMs: number) =>
    storm(perSecond, seconds, batchMs, (batch) => tell(batch)),
  /** Shows a plain list of so many instead of the panel; rows are copies of `sample`. */
  plainFill: (sample: string, count: number) => {
    plain = plainList(sample)
    plain(
      Array.from({ length: count }, () => nextMessage(Date.now())),
      count,
    )
  },
  plainStorm: (count: number, perSecond: number, seconds: number, batchMs: number) =>
    storm(perSecond, seconds, batchMs, (batch) => plain?.(batch, count)),
}
export type Bench = typeof bench

Object.assign(globalThis, {
  bench,
  // What is looked at to tell an extension's page; `browser` is what is used.
  chrome: { runtime: { id: 'bench' } },
  browser: {
    runtime: {
      id: 'bench',
      connect,
      sendMessage: answer,
      onMessage: event(),
      getURL: (path: string) => path,
      getManifest: () => ({ version: '0' }),
    },
    storage: { local: area(), session: area(), onChanged: event() },
    permissions: { contains: async () => false, onAdded: event(), onRemoved: event() },
    i18n: { getMessage },
  },
})
