import { inject, provide, ref } from 'vue'
import type { Decision } from '../protocol/host-port'
import type { Role } from '../protocol/role'
import { useRoomStore } from '../stores/room'
import { moderationKey } from './moderation'
import { moderationCommands } from './moderation-commands'
import { type PersonAction, personActionsKey } from './person-card'
import { moreCommandsKey } from './slash-commands'
import type { MessageKey } from './text'
import { useText } from './text'

/** That something does not count is told for so long (ms). */
const TELL_MS = 6_000

const TIMEOUTS: readonly (readonly [id: string, label: MessageKey, ms: number])[] = [
  ['timeout-minute', 'timeoutMinute', 60_000],
  ['timeout-ten', 'timeoutTen', 600_000],
  ['timeout-hour', 'timeoutHour', 3_600_000],
  ['timeout-day', 'timeoutDay', 86_400_000],
]

/** What a viewer with a role can decide, put where cards, lines and the composer find it. For others there is nothing of it. */
export function useModeration(others: readonly PersonAction[] = []) {
  const room = useRoomStore()
  const translate = useText()
  const isLogOpen = ref(false)
  /** What was decided last does not count. */
  const problem = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  async function decide(decision: Decision): Promise<boolean> {
    const counts = await room.moderate(decision)
    clearTimeout(timer)
    problem.value = !counts
    if (!counts) timer = setTimeout(() => (problem.value = false), TELL_MS)
    return counts
  }

  /** Nobody decides about themselves, and only a broadcaster about who has a role. */
  function mayActOn(mine: boolean, role: Role | undefined): boolean {
    const { mayRule, role: own } = room.rules
    return mayRule && !mine && (own === 'broadcaster' || role === undefined)
  }

  const actions: readonly PersonAction[] = [
    ...TIMEOUTS.map(
      ([id, label, ms]): PersonAction => ({
        id,
        label,
        isFor: ({ me, role, bar }) => mayActOn(me, role) && bar?.until !== null,
        run: ({ accountId, name }) => void decide({ act: 'timeout', account: accountId, name, ms }),
      }),
    ),
    {
      id: 'ban',
      label: 'ban',
      isFor: ({ me, role, bar }) => mayActOn(me, role) && bar?.until !== null,
      run: ({ accountId, name }) => void decide({ act: 'ban', account: accountId, name }),
    },
    ...(['unban', 'endTimeout'] as const).map(
      (label): PersonAction => ({
        id: label === 'unban' ? 'unban' : 'end-timeout',
        label,
        isFor: ({ me, role, bar }) =>
          mayActOn(me, role) &&
          bar !== undefined &&
          (bar.until === null) === (label === 'unban') &&
          // What a broadcaster decided stands.
          (room.rules.role === 'broadcaster' || bar.by !== 'broadcaster'),
        run: ({ accountId, name }) => void decide({ act: 'unban', account: accountId, name }),
      }),
    ),
  ]
  const commands = moderationCommands({
    translate,
    decide,
    messages: () => room.messages,
    members: () => room.members,
    acts: () => room.acts,
    roleOf: (account) => room.roles.get(account),
    mayActOn,
  })

  const moreActions = inject(personActionsKey, () => [])
  provide(personActionsKey, () => [...moreActions(), ...(room.rules.mayRule ? actions : []), ...others])
  const moreCommands = inject(moreCommandsKey, () => [])
  provide(moreCommandsKey, () => [...moreCommands(), ...(room.rules.mayRule ? commands : [])])
  provide(moderationKey, {
    mayActOn: ({ mine, accountId }) => mayActOn(mine, room.roles.get(accountId)),
    decide,
  })
  return { isLogOpen, problem, decide }
}

export type Moderating = ReturnType<typeof useModeration>
