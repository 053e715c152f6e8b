import { ref, shallowRef } from 'vue'
import type { HistoryView, MessageView, OlderMessages } from '../protocol/host-port'
import { compareViews } from '../protocol/view-order'
import { withNewest } from './newest'

/** What a panel keeps; the host's log and the history hold more. */
export const MAX_MESSAGES = 1_000
/** While somebody reads further up, so that nothing leaves under their eyes. */
export const MAX_MESSAGES_READING = 2_000

/** The messages in view: the newest from the host's reports, and older pages as far as somebody scrolled. */
export function createTimeline() {
  const messages = shallowRef<readonly MessageView[]>([])
  /** Whether the host has older ones than the first. */
  const more = ref(false)
  /** `failed`: the last page did not come; worth another try. */
  const older = ref<'idle' | 'loading' | 'failed'>('idle')
  /** The first were dropped here, so there is more whatever the host's own page starts with. */
  let isCut = false
  let limit = MAX_MESSAGES
  /** An answer counts only where nothing was cleared since. */
  let turn = 0

  /** Rows are known by their keys: a host that forgot one, having died, does not take it away. */
  function withKeys(list: readonly MessageView[]): MessageView[] {
    const keys = new Map(messages.value.map(({ id, key }) => [id, key]))
    return list.map((message) => {
      const key = message.key ?? keys.get(message.id)
      return key === undefined ? message : { ...message, key }
    })
  }

  function keep(list: readonly MessageView[]): void {
    if (list.length > limit) {
      isCut = true
      more.value = true
    }
    messages.value = list.length > limit ? list.slice(-limit) : list
  }

  /** Takes over the host's newest page. Older ones stay where the page continues them without a hole. */
  function replace(page: readonly MessageView[], history: HistoryView): void {
    const ids = new Set(page.map(({ id }) => id))
    const [oldest] = page
    const continues = history.more && messages.value.some(({ id }) => ids.has(id))
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
    if (fits.length > 0)
      keep(withNewest(messages.value, withKeys(fits), compareViews, Number.POSITIVE_INFINITY))
  }

  /** The host's word whether there is more than its own page. */
  function learn(history: HistoryView): void {
    more.value = history.more || isCut
  }

  /** Asks for the page before the first message, one at a time; errors leave `older` at `failed`. */
  async function load(ask: (id: string) => Promise<OlderMessages>): Promise<void> {
    const [first] = messages.value
    if (!first || !more.value || older.value === 'loading' || messages.value.length >= limit) return
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
    keep(messages.value)
  }

  function clear(): void {
    turn += 1
    messages.value = []
    more.value = false
    older.value = 'idle'
    isCut = false
  }

  return { messages, more, older, replace, add, learn, load, setReading, clear }
}
