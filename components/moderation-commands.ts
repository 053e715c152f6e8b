import type { AccountId } from '../protocol/device'
import type { ActView, Decision, MemberView, MessageView } from '../protocol/host-port'
import type { Role } from '../protocol/role'
import { foldName } from './fold-name'
import type { CommandOutcome, SlashCommand } from './slash-commands'
import { isolate, type Translate } from './text'

interface Person {
  readonly accountId: AccountId
  readonly name: string
  readonly me?: boolean
}

interface ModeratedRoom {
  translate: Translate
  decide(decision: Decision): Promise<boolean>
  messages(): readonly MessageView[]
  members(): readonly MemberView[]
  acts(): readonly ActView[]
  roleOf(account: AccountId): Role | undefined
  mayActOn(mine: boolean, role: Role | undefined): boolean
}

const MINUTE = 60_000

/** The commands of those who run or moderate the channel. */
export function moderationCommands(room: ModeratedRoom): readonly SlashCommand[] {
  const { translate, decide } = room
  const problem = (...words: Parameters<Translate>): CommandOutcome => ({
    t: 'problem',
    words: translate(...words),
  })
  const made = async (decision: Decision): Promise<CommandOutcome> =>
    (await decide(decision)) ? { t: 'done' } : problem('moderationFailed')

  /** Members first, who are called what they are called now; then who spoke last; then whom something was decided about. */
  function find(name: string): Person | undefined {
    const spoke = room.messages().map(({ accountId, name, mine }) => ({ accountId, name, me: mine }))
    const barred = room.acts().flatMap(({ target }) => target ?? [])
    const all: Person[] = [...room.members(), ...spoke.reverse(), ...barred.reverse()]
    return all.find((one) => foldName(one.name) === foldName(name))
  }

  /** Does something about whoever `argument` names. */
  function about(argument: string, act: (person: Person) => Promise<CommandOutcome> | CommandOutcome) {
    const name = argument.replace(/^@/, '')
    if (name === '') return problem('commandNeedsName')
    const person = find(name)
    if (!person) return problem('commandNobody', isolate(name.slice(0, 60)))
    if (!room.mayActOn(person.me === true, room.roleOf(person.accountId)))
      return problem('commandNotOn', isolate(person.name))
    return act(person)
  }

  const simply = (act: 'ban' | 'unban') => (argument: string) =>
    about(argument, ({ accountId, name }) => made({ act, account: accountId, name }))

  return [
    {
      name: 'timeout',
      takes: 'takesNameTime',
      help: 'commandTimeout',
      run(argument) {
        const [, name = '', minutes = '10'] = /^(\S*)(?:\s+(\d{1,5}))?$/.exec(argument) ?? []
        const ms = Math.max(1, Number(minutes)) * MINUTE
        return about(name, ({ accountId, name }) => made({ act: 'timeout', account: accountId, name, ms }))
      },
    },
    { name: 'ban', takes: 'takesName', help: 'commandBan', run: simply('ban') },
    { name: 'unban', takes: 'takesName', help: 'commandUnban', run: simply('unban') },
    {
      name: 'slow',
      takes: 'takesSeconds',
      help: 'commandSlow',
      run(argument) {
        const seconds = argument === 'off' ? 0 : Number(argument || Number.NaN)
        if (!Number.isInteger(seconds) || seconds < 0) return problem('commandNeedsNumber')
        return made({ act: 'slow', seconds })
      },
    },
    {
      name: 'delete',
      takes: 'takesName',
      help: 'commandDelete',
      run: (argument) =>
        about(argument, ({ accountId, name }) => {
          const last = room.messages().findLast((message) => message.accountId === accountId)
          return last ? made({ act: 'delete', message: last.id }) : problem('commandNoMessage', isolate(name))
        }),
    },
    {
      name: 'clear-room',
      help: 'commandClearRoom',
      run: () => ({
        t: 'ask',
        question: translate('clearForAllQuestion'),
        yes: translate('clear'),
        act: () => made({ act: 'clear' }),
      }),
    },
  ]
}
