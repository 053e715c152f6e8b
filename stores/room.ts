import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { ConnectionView, MembershipView, MessageView, RoomDelta, RoomView } from '../protocol/host-port'
import { createDeltaSequence } from './delta-sequence'
import { createDrafts } from './drafts'
import type { ConnectToHost, HostConnection, HostState } from './host'
import { withNewest } from './newest'
import { createOutgoing } from './outgoing'
import { createUnread } from './unread'

/** What a panel keeps; the host's log and the history hold more. */
export const MAX_MESSAGES = 1_000
export const MAX_NOTICES = 200

type RoomFacts = Omit<RoomView, 'messages' | 'notices'>

const NOT_CONNECTED: ConnectionView = { state: 'connecting', links: 0, server: false }
const NO_FACTS: RoomFacts = {
  login: null,
  me: null,
  connection: NOT_CONNECTED,
  members: [],
  theme: 'dark',
  collapsed: false,
}

/** The channel's room as the host reports it, and what the viewer is just saying in it. */
export const useRoomStore = defineStore('room', () => {
  const facts = shallowRef(NO_FACTS)
  const messages = shallowRef<readonly MessageView[]>([])
  const notices = shallowRef<readonly MembershipView[]>([])
  const hostState = ref<HostState>('connecting')
  /** Whether a snapshot was ever received: before, an empty list means nothing. */
  const ready = ref(false)

  const login = computed(() => facts.value.login)
  const me = computed(() => facts.value.me)
  const members = computed(() => facts.value.members)
  const theme = computed(() => facts.value.theme)
  const collapsed = computed(() => facts.value.collapsed)
  const connection = computed(() =>
    hostState.value === 'open' && ready.value ? facts.value.connection : NOT_CONNECTED,
  )

  const outgoing = createOutgoing()
  const { unread, atBottom, count } = createUnread(collapsed)
  const draft = createDrafts(login)
  const sending = computed(() => outgoing.lines.value.filter((line) => line.heardAs === null))

  let host: HostConnection | null = null

  const sequence = createDeltaSequence({
    replace({ messages: all, notices: allNotices, ...rest }) {
      const known = ready.value && rest.login === login.value ? messages.value : null
      enter(rest)
      if (known) {
        received(all, known)
      }
      messages.value = all.slice(-MAX_MESSAGES)
      notices.value = allNotices.slice(-MAX_NOTICES)
      ready.value = true
    },
    apply({ changed, newMessages, newNotices }: RoomDelta) {
      const moved = changed.login !== undefined && changed.login !== login.value
      enter({ ...facts.value, ...changed })
      received(newMessages, messages.value)
      if (newMessages.length > 0) messages.value = withNewest(messages.value, newMessages, MAX_MESSAGES)
      if (newNotices.length > 0) notices.value = withNewest(notices.value, newNotices, MAX_NOTICES)
      // Deltas only append: what the new room had before is in a snapshot.
      if (moved) sequence.renew()
    },
    // Where it fails the port is lost, and a snapshot comes with the next one.
    ask: () => void host?.refresh().catch(() => undefined),
  })

  /** Takes over new facts, and leaves everything of another room behind. */
  function enter(next: RoomFacts): void {
    const moved = next.login !== login.value
    if (moved) {
      messages.value = []
      notices.value = []
      outgoing.clear()
    }
    if (next.collapsed && !collapsed.value) atBottom.value = true
    facts.value = next
    if (moved) unread.value = 0
  }

  /** Notes which of `list` were not among `known`: own ones arrived, others' are unread where unseen. */
  function received(list: readonly MessageView[], known: readonly MessageView[]): void {
    if (list.length === 0) return
    const ids = new Set(known.map((message) => message.id))
    const fresh = list.filter((message) => !ids.has(message.id))
    for (const message of fresh) if (message.mine) outgoing.heard(message.id, message.text)
    count(fresh.filter((message) => !message.mine).length)
  }

  /**
   * Starts to follow the host.
   * @returns what ends it.
   */
  function attach(connect: ConnectToHost): () => void {
    const connected = connect({
      onSnapshot: sequence.snapshot,
      onDelta: sequence.delta,
      onState(state) {
        hostState.value = state
        if (state === 'connecting') sequence.restart()
      },
    })
    host = connected
    return () => {
      if (host === connected) host = null
      connected.close()
    }
  }

  /**
   * Says something in the room. The line shows at once; it becomes a message when the host reports it, or stays,
   * `refused` with a reason, until it is retried or discarded. Text of white space alone is ignored.
   */
  async function say(text: string): Promise<void> {
    const said = text.trim()
    if (said === '') return
    const key = outgoing.add(said, Date.now())
    if (!host) return outgoing.refused(key, 'host-lost')
    try {
      const answer = await host.say(said)
      if ('refused' in answer) outgoing.refused(key, answer.refused)
      else
        outgoing.accepted(
          key,
          answer.id,
          messages.value.some((message) => message.id === answer.id),
        )
    } catch {
      outgoing.refused(key, 'host-lost')
    }
  }

  /** Says a refused line again, at the end of the list. */
  async function retry(key: string): Promise<void> {
    const line = outgoing.take(key)
    if (line) await say(line.text)
  }

  /** Drops a refused line. */
  function discard(key: string): void {
    outgoing.take(key)
  }

  /** Collapses the panel to its handle, or opens it; shown at once, kept by the host. */
  function setCollapsed(next: boolean): void {
    enter({ ...facts.value, collapsed: next })
    host?.setCollapsed(next).catch(() => undefined)
  }

  /** Tells whether the newest message is in view, which is what decides about unread ones. */
  function setAtBottom(now: boolean): void {
    atBottom.value = now
  }

  /** Ends the host's waiting between attempts. */
  function reconnectNow(): void {
    host?.reconnectNow().catch(() => undefined)
  }

  return {
    login,
    me,
    members,
    theme,
    collapsed,
    connection,
    hostState,
    ready,
    messages,
    notices,
    sending,
    unread,
    draft,
    keyOf: outgoing.keyOf,
    attach,
    say,
    retry,
    discard,
    setCollapsed,
    setAtBottom,
    reconnectNow,
  }
})
