import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { MembershipView, MessageView, RoomDelta } from '../protocol/host-port'
import { createCompany } from './company'
import { createDeltaSequence } from './delta-sequence'
import { createDrafts } from './drafts'
import type { ConnectToHost, HostConnection, HostState } from './host'
import { withNewest } from './newest'
import { createOwnLines, type Manner } from './own-lines'
import { createPeople } from './people'
import { createPeopleActions } from './people-actions'
import { createRoomActions } from './room-actions'
import { createRoomFacts, type RoomFacts } from './room-facts'
import { createRoomSearch } from './room-search'
import { createTimeline } from './timeline'
import { createUnread } from './unread'

export const MAX_NOTICES = 200

/** The channel's room as the host reports it, and what the viewer is just saying in it. */
export const useRoomStore = defineStore('room', () => {
  const notices = shallowRef<readonly MembershipView[]>([])
  const hostState = ref<HostState>('connecting')
  /** How often the viewer asked to write, by a shortcut. */
  const focusAsked = ref(0)
  /** Whether a snapshot was ever received: before, an empty list means nothing. */
  const ready = ref(false)

  const isLive = computed(() => hostState.value === 'open' && ready.value)
  const { facts, place, shown } = createRoomFacts(isLive)
  const { login, me, members, collapsed } = shown
  const waiting = computed(() => facts.value.waiting)

  let host: HostConnection | null = null
  /** What is shown is of here. A host that starts again, or a page between two channels, has no place for a moment. */
  let lastPlace: string | null = null

  const people = createPeople()
  const timeline = createTimeline()
  const { messages } = timeline
  const news = createUnread(collapsed)
  const company = createCompany({
    collapsed,
    memberCount: shown.memberCount,
    isReachable: computed(() => shown.connection.value.server),
  })
  const unread = computed(() => (login.value === null ? 0 : news.unread.value))
  const draft = createDrafts(place)
  const own = createOwnLines({ place, waiting, messages, hostState, host: () => host })

  const sequence = createDeltaSequence({
    replace({ messages: page, notices: allNotices, ...rest }) {
      const isFirst = enter(rest)
      if (place.value !== null) {
        if (!isFirst) news.count(timeline.lacking(page))
        timeline.replace(page, rest.history)
        look(page)
        notices.value = allNotices.slice(-MAX_NOTICES)
      }
      ready.value = true
      own.settle(true)
      own.sayUnsaid()
    },
    apply({ changed, newMessages, newNotices }: RoomDelta) {
      const before = place.value
      enter({ ...facts.value, ...changed })
      if (changed.history) timeline.learn(changed.history)
      if (newMessages.length > 0) {
        news.count(timeline.lacking(newMessages))
        timeline.add(newMessages)
        look(newMessages)
        people.named(newMessages)
      }
      if (newNotices.length > 0)
        notices.value = withNewest(notices.value, newNotices, (a, b) => a.ms - b.ms, MAX_NOTICES)
      own.settle(false)
      // Deltas only append: what the new room had before is in a snapshot.
      if (place.value !== before) sequence.renew()
      own.sayUnsaid()
    },
    // Where it fails the port is lost, and a snapshot comes with the next one.
    ask: () => void host?.refresh().catch(() => undefined),
  })

  /**
   * Takes over new facts, and leaves everything of another room behind.
   * @returns whether this is the first that is seen of the room.
   */
  function enter(next: RoomFacts): boolean {
    const hidden = new Set(next.choices.map(({ accountId }) => accountId))
    // Whoever is heard again said things between those that are shown: they come with the host's own page.
    if (facts.value.choices.some(({ accountId }) => !hidden.has(accountId))) timeline.clear()
    if (hidden.size > 0 && next.choices !== facts.value.choices)
      timeline.drop(({ accountId }) => hidden.has(accountId))
    if (next.collapsed && !collapsed.value) setAtBottom(true)
    const isSame = next.members === facts.value.members && next.me === facts.value.me
    facts.value = next
    if (!isSame) look([])
    if (place.value === null || place.value === lastPlace) return false
    lastPlace = place.value
    timeline.clear()
    notices.value = []
    people.clear()
    look([])
    news.begin(Date.now())
    company.begin()
    return true
  }

  /** Learns who looks how; whoever is here knows better than what they said. */
  function look(said: readonly MessageView[]): void {
    people.said(said)
    people.here(members.value, me.value)
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
        else {
          own.sayUnsaid()
          draft.again()
        }
      },
      onFocusComposer() {
        focusAsked.value += 1
      },
    })
    host = connected
    draft.attach({
      load: (at) => connected.draft(at),
      save: (at, text) => void connected.keepDraft(at, text).catch(() => undefined),
    })
    return () => {
      if (host === connected) host = null
      connected.close()
    }
  }

  /**
   * Says something in the room. The line shows at once; it becomes a message when the host reports it, or stays,
   * `refused` with a reason, until it is said again or discarded. Text of white space alone is ignored. It answers what
   * the draft answers.
   */
  function say(text: string, manner: Pick<Manner, 'me'> = {}): void {
    const words = text.trim()
    if (words === '') return
    const reply = draft.reply.value
    own.say(words, { ...manner, ...(reply && { reply }) })
    draft.reply.value = null
    news.spoke()
  }

  /** Loads the page before the first message, where there is one. */
  async function loadOlder(): Promise<void> {
    const from = host
    if (!from) return
    await timeline.load(async (id) => {
      const page = await from.older(id)
      look(page.messages)
      return page
    })
  }

  /**
   * Loads older pages until the message with `id` is among those shown, as far as there are any.
   * @returns whether it is.
   */
  async function find(id: string): Promise<boolean> {
    for (let oldest: string | undefined; !timeline.has(id) && timeline.more.value; ) {
      oldest = messages.value[0]?.id
      await loadOlder()
      if (messages.value[0]?.id === oldest) break
    }
    return timeline.has(id)
  }

  const search = createRoomSearch({
    messages,
    ask: async (text) => {
      if (!host) throw new Error('no host is attached')
      return host.search(text)
    },
  })

  /** Collapses the panel to its handle, or opens it; shown at once, kept by the host. */
  function setCollapsed(next: boolean): void {
    enter({ ...facts.value, collapsed: next })
    host?.setCollapsed(next).catch(() => undefined)
  }

  /** Tells whether the newest message is in view, which is what decides about unread ones. */
  function setAtBottom(now: boolean): void {
    news.atBottom.value = now
    timeline.setReading(!now)
  }

  /** Tells whether the tab is in sight: what comes while it is not is unread. */
  function setVisible(now: boolean): void {
    news.visible.value = now
  }

  return {
    ...shown,
    hostState,
    focusAsked,
    ready,
    messages,
    more: timeline.more,
    older: timeline.older,
    notices,
    ...createRoomActions(() => host),
    ...createPeopleActions(() => host),
    waiting: own.lines,
    unread,
    /** While collapsed: somebody came into the room that had been empty, and is here. */
    cameIn: company.cameIn,
    /** The hash of each picture, by account. */
    avatars: people.avatars,
    /** What people are in this channel, by account, as far as they show it. */
    roles: people.roles,
    /** What people are called, by account: of those here, and of those who spoke since. */
    names: people.names,
    /** The first message that nobody saw come. */
    unreadFrom: news.first,
    draft: draft.text,
    /** The message that the draft will answer. */
    replyTo: draft.reply,
    attach,
    say,
    sayAgain: own.sayAgain,
    discard: own.discard,
    loadOlder,
    find,
    search,
    setCollapsed,
    setAtBottom,
    setVisible,
  }
})
