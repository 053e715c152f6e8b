import type { PersonChoice, Standing } from '../protocol/people'
import { foldName } from './fold-name'
import type { CommandOutcome, SlashCommand } from './slash-commands'
import { isolate, type Translate } from './text'

type Person = Pick<PersonChoice, 'accountId' | 'name'>

/** What everybody's commands act on. */
export interface CommandRoom {
  translate: Translate
  /** Others who are here or said something, who spoke last first. */
  people(): readonly Person[]
  /** Whom the viewer has muted or blocked. */
  choices(): readonly PersonChoice[]
  /** `null` undoes both. Resolves with whether it is kept. */
  choose(person: Person, standing: Standing | null): Promise<boolean>
  /** Takes another display name. Resolves with why not, in words, or `null`. */
  rename(name: string): Promise<string | null>
  isAway(): boolean
  setAway(away: boolean): Promise<boolean>
  /** Forgets everything said here until now, on this browser. Resolves with whether it worked. */
  clearHistory(): Promise<boolean>
}

const DONE: Readonly<Record<Standing | 'none', 'mutedNote' | 'blockedNote' | 'unmutedNote'>> = {
  muted: 'mutedNote',
  blocked: 'blockedNote',
  none: 'unmutedNote',
}

/** The commands of everybody. */
export function ownCommands(room: CommandRoom): readonly SlashCommand[] {
  const { translate } = room

  function problem(...words: Parameters<Translate>): CommandOutcome {
    return { t: 'problem', words: translate(...words) }
  }

  const named = (list: readonly Person[], name: string) =>
    list.find((one) => foldName(one.name) === foldName(name))

  /** Finds who is meant by `argument` among `list` and gives them `standing`. */
  async function stand(
    list: readonly Person[],
    argument: string,
    standing: Standing | null,
  ): Promise<CommandOutcome> {
    if (argument === '') return problem('commandNeedsName')
    const person = named(list, argument)
    if (!person) return problem('commandNobody', isolate(argument.slice(0, 60)))
    if (!(await room.choose(person, standing))) return problem('personChoiceFailed')
    return { t: 'done', note: translate(DONE[standing ?? 'none'], isolate(person.name)) }
  }

  const withStanding = (standing: Standing) => room.choices().filter((one) => one.standing === standing)

  return [
    {
      name: 'me',
      takes: 'takesText',
      help: 'commandMe',
      run: (text) => (text === '' ? problem('commandNeedsText') : { t: 'say', text, me: true }),
    },
    {
      name: 'mute',
      takes: 'takesName',
      help: 'commandMute',
      run: (name) => stand([...room.people(), ...room.choices()], name, 'muted'),
    },
    {
      name: 'unmute',
      takes: 'takesName',
      help: 'commandUnmute',
      run: (name) => stand(withStanding('muted'), name, null),
    },
    {
      name: 'block',
      takes: 'takesName',
      help: 'commandBlock',
      run: (name) => stand([...room.people(), ...room.choices()], name, 'blocked'),
    },
    {
      name: 'unblock',
      takes: 'takesName',
      help: 'commandUnblock',
      run: (name) => stand(withStanding('blocked'), name, null),
    },
    {
      name: 'nick',
      takes: 'takesNewName',
      help: 'commandNick',
      async run(name) {
        if (name === '') return problem('commandNeedsName')
        const words = await room.rename(name)
        return words === null
          ? { t: 'done', note: translate('nameSaved', isolate(name)) }
          : { t: 'problem', words }
      },
    },
    {
      name: 'away',
      help: 'commandAway',
      async run() {
        const away = !room.isAway()
        if (!(await room.setAway(away))) return problem('commandFailed')
        return { t: 'done', note: translate(away ? 'awayNote' : 'backNote') }
      },
    },
    {
      name: 'clear',
      help: 'commandClear',
      run: () => ({
        t: 'ask',
        question: translate('clearRoomQuestion'),
        yes: translate('clear'),
        async act() {
          return (await room.clearHistory()) ? { t: 'done' } : problem('clearFailed')
        },
      }),
    },
    { name: 'help', help: 'commandHelp', run: () => ({ t: 'help' }) },
    { name: 'party', help: 'commandNoParties', unlisted: true, run: () => problem('commandNoParties') },
  ]
}
