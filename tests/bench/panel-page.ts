/**
 * Runs in the page before the panel does: stands in for the browser's extension interface and for the room host, so that
 * the panel that ships can be fed anything. The port carries JSON, as ports do.
 */
import { createBirpc } from 'birpc'
import { accountIdSchema, deviceIdSchema } from '../../protocol/device'
import type { HostFunctions, MessageView, PanelFunctions, RoomView } from '../../protocol/host-port'
import { newestMatching, searchWords } from '../../protocol/text-search'
import english from '../../public/_locales/en/messages.json'

/** What is to be seen of a run of frames. */
export interface Frames {
  count: number
  /** Took longer than 33 ms. */
  late: number
  longestMs: number
}

const account = (number: number) => accountIdSchema.parse(`${String(number).padStart(21, 'q')}A`)
const DEVICE = deviceIdSchema.parse('A'.repeat(43))
const ME = account(0)
const AUTHORS = 60
/** A host's page. */
const PAGE = 100
const WORDS =
  'the stream is great tonight and that boss fight was close so did anybody see how the filter opened just then'.split(
    ' ',
  )

let said = 0

/** One as people write them: a few words as a rule, a few lines now and then, and sometimes an answer, a deed or a mention. */
function nextMessage(ms: number): MessageView {
  said += 1
  const author = 1 + ((said * 7_919) % AUTHORS)
  const length = said % 25 === 0 ? 45 : 2 + ((said * 31) % 12)
  const words = Array.from({ length }, (_, at) => WORDS[(said * 13 + at * 5) % WORDS.length])
  if (said % 17 === 0) words.push('@BraveOtter')
  if (said % 23 === 0) words.push('https://example.com/watch?v=1')
  const role = author === 1 ? 'broadcaster' : author < 4 ? 'moderator' : undefined
  return {
    id: String(said).padStart(42, 'm').concat('A'),
    accountId: account(author),
    device: DEVICE,
    name: `Viewer${author}`,
    text: `${said}: ${words.join(' ')}`,
    ms,
    count: said % 10,
    mine: false,
    ...(said % 41 === 0 && { me: true }),
    ...(said % 19 === 0 && {
      reply: {
        id: String(said - 5)
          .padStart(42, 'm')
          .concat('A'),
      },
    }),
    ...(role && { role }),
  }
}

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

type Listener = (...args: unknown[]) => void
function event() {
  const listeners = new Set<Listener>()
  return {
    addListener: (listener: Listener) => listeners.add(listener),
    removeListener: (listener: Listener) => listeners.delete(listener),
    fire: (...args: unknown[]) => {
      for (const listener of listeners) listener(...args)
    },
  }
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

function getMessage(key: string, substitutions: string | string[] = []): string {
  if (key === 'localeDirection') return new URLSearchParams(location.search).get('dir') ?? 'ltr'
  const entry: { message: string; placeholders?: Record<string, { content: string }> } | undefined =
    english[key as keyof typeof english]
  const values = [substitutions].flat()
  return (entry?.message ?? '').replace(
    /\$(\w+)\$/g,
    (_, name: string) =>
      values[Number(entry?.placeholders?.[name.toLowerCase()]?.content.slice(1)) - 1] ?? '',
  )
}

function area() {
  const kept = new Map<string, unknown>()
  return {
    get: async (key: string) => (kept.has(key) ? { [key]: kept.get(key) } : {}),
    set: async (items: Record<string, unknown>) => {
      for (const [key, value] of Object.entries(items)) kept.set(key, value)
    },
    remove: async (key: string) => void kept.delete(key),
    onChanged: event(),
  }
}

const frames: number[] = []
function watchFrames(): void {
  let last = performance.now()
  const next = (now: number) => {
    frames.push(now - last)
    last = now
    requestAnimationFrame(next)
  }
  requestAnimationFrame(next)
}

/** Frames since the last call. */
function takeFrames(): Frames {
  const taken = frames.splice(0)
  return {
    count: taken.length,
    late: taken.filter((ms) => ms > 33.4).length,
    longestMs: Math.max(0, ...taken),
  }
}

/** `perSecond` messages for `seconds`, in as many batches as the host makes. */
async function storm(
  perSecond: number,
  seconds: number,
  batchMs: number,
  take: (batch: MessageView[]) => void,
) {
  const begin = performance.now()
  let sent = 0
  while (performance.now() - begin < seconds * 1_000) {
    await new Promise((resolve) => setTimeout(resolve, batchMs))
    const due = Math.floor(((performance.now() - begin) / 1_000) * perSecond)
    take(Array.from({ length: due - sent }, () => nextMessage(Date.now())))
    sent = due
  }
}

/** The same messages in a list that holds an element for each: what the panel's rows look like, without the panel. */
function plainList(sample: string) {
  const scroller = document.createElement('div')
  scroller.style.cssText = 'position:fixed;inset:0;overflow:hidden auto;background:var(--surface)'
  document.body.replaceChildren(scroller)
  const template = document.createElement('template')
  template.innerHTML = sample
  return (batch: readonly MessageView[], most: number) => {
    for (const { name, text } of batch) {
      const row = template.content.cloneNode(true)
      if (!(row instanceof DocumentFragment)) continue
      const who = row.querySelector('.name')
      const what = row.querySelector('[data-testid="message-text"]')
      if (who) who.textContent = name
      if (what) what.textContent = text
      scroller.append(row)
    }
    while (scroller.childElementCount > most) scroller.firstElementChild?.remove()
    scroller.scrollTop = scroller.scrollHeight
  }
}

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
  async plain(
    sample: string,
    count: number,
    perSecond: number,
    seconds: number,
    batchMs: number,
  ): Promise<Frames> {
    const show = plainList(sample)
    show(
      Array.from({ length: count }, () => nextMessage(Date.now())),
      count,
    )
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    takeFrames()
    await storm(perSecond, seconds, batchMs, (batch) => show(batch, count))
    return takeFrames()
  },
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
