import { ref, shallowRef } from 'vue'
import type { HistoryView, MessageView, OlderMessages } from '../protocol/host-port'
import { compareViews } from '../protocol/view-order'
import { withNewest } from './newest'

/** What a panel keeps; the host's log and the history hold less, but for every room. */
export const MAX_MESSAGES = 10_000
/** While somebody reads further up, so that nothing leaves under their eyes. */
export const MAX_MESSAGES_READING = 15_000
/** Of more, this part is let go at once: the list does not change at both ends with every message. */
const CUT = 1 / 20

/** The messages in view: the newest from the host's reports, and older pages as far as somebody scrolled. */
export function createTimeline() {
  const messages = shallowRef<readonly MessageView[]>([])
  /** Whether the host has older ones than the first. */
  const more = ref(false)
  /** `failed`: the last page did not come; worth another try. */
  const older = ref<'idle' | 'loading' | 'failed'>('idle')
  /** The same messages by id. */
  let known = new Map<string, MessageView>()
  /** The first were dropped here, so there is more whatever the host's own page starts with. */
  let isCut = false
  let limit = MAX_MESSAGES
  /** The page that is on its way. */
  let loading: Promise<void> = Promise.resolve()
  /** An answer counts only where nothing was cleared since. */
  let turn = 0

  /** Rows are known by their keys: a host that forgot one, having died, does not take it away. */
  function withKeys(list: readonly MessageView[]): MessageView[] {
    return list.map((message) => {
      const key = message.key ?? known.get(message.id)?.key
      return key === undefined ? message : { ...message, key }
    })
  }

  function keep(list: readonly MessageView[]): void {
    known = new Map(list.map((message) => [message.id, message]))
    show(list)
  }

  /** The common case, which costs little however long the list is: news that follow all the rest. */
  function append(news: readonly MessageView[]): void {
    for (const message of news) known.set(message.id, message)
    show([...messages.value, ...news])
  }

  function show(list: readonly MessageView[]): void {
    const excess = list.length > limit ? list.length - Math.ceil(limit * (1 - CUT)) : 0
    if (excess > 0) {
      isCut = true
      more.value = true
      for (const { id } of list.slice(0, excess)) known.delete(id)
    }
    messages.value = excess > 0 ? list.slice(excess) : list
  }

  /** Of `list`, those that are not here. */
  const lacking = (list: readonly MessageView[]) => list.filter(({ id }) => !known.has(id))

  /** Takes over the host's newest page. Older ones stay where the page continues them without a hole. */
  function replace(page: readonly MessageView[], history: HistoryView): void {
    const [oldest] = page
    const continues = history.more && page.some(({ id }) => known.has(id))
    const before =
      oldest && continues ? messages.value.filter((message) => compareViews(message, oldest) < 0) : []
    if (before.length === 0) {
      more.value = history.more
      isCut = false
    }
    if (older.value === 'failed') older.value = 'idle'
    keep([...before, ...withKeys(page)])
  }

  /**
   * Puts news in their places. What is older than the first, where more is to come, waits for its page: else the
   * page between would be skipped.
   */
  function add(news: readonly MessageView[]): void {
    const [first] = messages.value
    const fits = more.value && first ? news.filter((message) => compareViews(message, first) >= 0) : news
    if (fits.length === 0) return
    const keyed = withKeys(fits)
    if (follows(messages.value.at(-1), keyed)) append(keyed)
    else keep(withNewest(messages.value, keyed, compareViews, Number.POSITIVE_INFINITY))
  }

  /** The host's word whether there is more than its own page. */
  function learn(history: HistoryView): void {
    more.value = history.more || isCut
  }

  /** Asks for the page before the first message, one at a time; errors leave `older` at `failed`. */
  function load(ask: (id: string) => Promise<OlderMessages>): Promise<void> {
    const [first] = messages.value
    if (older.value === 'loading') return loading
    if (!first || !more.value || messages.value.length >= limit) return Promise.resolve()
    loading = loadBefore(first, ask)
    return loading
  }

  async function loadBefore(first: MessageView, ask: (id: string) => Promise<OlderMessages>): Promise<void> {
    turn += 1
    const mine = turn
    older.value = 'loading'
    try {
      const page = await ask(first.id)
      if (mine !== turn) return
      older.value = 'idle'
      // A fresh start meanwhile: the page does not continue what is shown now.
      if (messages.value[0]?.id !== first.id) return
      isCut = false
      // An answer without progress would be asked for in a circle.
      more.value = page.more && page.messages.some((message) => compareViews(message, first) < 0)
      keep(withNewest(messages.value, withKeys(page.messages), compareViews, Number.POSITIVE_INFINITY))
    } catch {
      if (mine === turn) older.value = 'failed'
    }
  }

  /** Whether somebody reads further up: then more is kept. */
  function setReading(now: boolean): void {
    limit = now ? MAX_MESSAGES_READING : MAX_MESSAGES
    show(messages.value)
  }

  /** Takes out what is shown no more. */
  function drop(isGone: (message: MessageView) => boolean): void {
    if (messages.value.some(isGone)) keep(messages.value.filter((message) => !isGone(message)))
  }

  function clear(): void {
    turn += 1
    keep([])
    more.value = false
    older.value = 'idle'
    isCut = false
  }

  return {
    messages,
    more,
    older,
    has: (id: string) => known.has(id),
    lacking,
    replace,
    add,
    learn,
    load,
    setReading,
    drop,
    clear,
  }
}

/** Whether `news`, in their order, come after `last` and each other; then none of them is known. */
function follows(last: MessageView | undefined, news: readonly MessageView[]): boolean {
  let before = last
  for (const message of news) {
    if (before && compareViews(before, message) >= 0) return false
    before = message
  }
  return true
}
