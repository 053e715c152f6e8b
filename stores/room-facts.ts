import { computed, type Ref, shallowRef } from 'vue'
import type { ConnectionView, HistoryView, RoomView, RulesView } from '../protocol/host-port'

export type RoomFacts = Omit<RoomView, 'messages' | 'notices'>

const NOT_CONNECTED: ConnectionView = {
  state: 'connecting',
  links: 0,
  kinds: { direct: 0, turn: 0, hub: 0 },
  server: false,
  tampered: false,
}
const NO_HISTORY: HistoryView = { more: false, corrupt: 0, problem: null }
const NO_RULES: RulesView = {
  linkedOnly: false,
  barred: false,
  mayRule: false,
  role: null,
  slow: 0,
  bar: null,
}
const NO_FACTS: RoomFacts = {
  login: null,
  me: null,
  connection: NOT_CONNECTED,
  rules: NO_RULES,
  members: [],
  memberCount: 0,
  typing: [],
  history: NO_HISTORY,
  waiting: [],
  acts: [],
  reports: [],
  choices: [],
  theme: 'dark',
  collapsed: false,
}

/** What the host last said of the room, but for its messages. `isLive`: the host is there to say it. */
export function createRoomFacts(isLive: Readonly<Ref<boolean>>) {
  const facts = shallowRef(NO_FACTS)
  const login = computed(() => facts.value.login)
  const me = computed(() => facts.value.me)
  return {
    facts,
    /** The room and who is in it; `null` without either. */
    place: computed(() => (login.value && me.value ? `${me.value.accountId} ${login.value}` : null)),
    shown: {
      login,
      me,
      rules: computed(() => facts.value.rules),
      members: computed(() => facts.value.members),
      memberCount: computed(() => facts.value.memberCount),
      theme: computed(() => facts.value.theme),
      collapsed: computed(() => facts.value.collapsed),
      history: computed(() => facts.value.history),
      /** What was decided for the room, the oldest first. */
      acts: computed(() => facts.value.acts),
      /** What was reported to the viewer, who moderates, the newest first. */
      reports: computed(() => facts.value.reports),
      /** Whom the viewer has muted or blocked. */
      choices: computed(() => facts.value.choices),
      connection: computed(() => (isLive.value ? facts.value.connection : NOT_CONNECTED)),
      /** A host that is gone cannot say who stopped. */
      typing: computed(() => (isLive.value ? facts.value.typing : [])),
    },
  }
}
