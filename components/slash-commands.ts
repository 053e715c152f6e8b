import type { InjectionKey } from 'vue'
import type { MessageKey } from './text'

/** What came of a command. */
export type CommandOutcome =
  /** `note` is told below the composer. */
  | { readonly t: 'done'; readonly note?: string }
  /** Says something in the room. */
  | { readonly t: 'say'; readonly text: string; readonly me?: true }
  /** `words` say what is wrong; what was typed stays. */
  | { readonly t: 'problem'; readonly words: string }
  /** Cannot be taken back: the viewer is asked first. */
  | {
      readonly t: 'ask'
      readonly question: string
      readonly yes: string
      act(): CommandOutcome | Promise<CommandOutcome>
    }
  /** Shows what there is. */
  | { readonly t: 'help' }

/** What a text that begins with a slash may do instead of being said. */
export interface SlashCommand {
  /** Lower case, without the slash. */
  readonly name: string
  /** What is typed after the name, in words for the help. */
  readonly takes?: MessageKey
  readonly help: MessageKey
  /** Answered, but neither listed nor suggested. */
  readonly unlisted?: true
  /** `argument`: what follows, without white space around it; empty for nothing. */
  run(argument: string): CommandOutcome | Promise<CommandOutcome>
}

/** Where a composer finds more commands than its own, such as those of moderators; provided by whoever puts it into a page. */
export const moreCommandsKey: InjectionKey<() => readonly SlashCommand[]> = Symbol('more slash commands')

/** Those that are shown, each name once: the first that bears it is the one that runs. */
export function listedOf(commands: readonly SlashCommand[]): SlashCommand[] {
  const byName = new Map(commands.toReversed().map((command) => [command.name, command]))
  return [...byName.values()].filter(({ unlisted }) => !unlisted).reverse()
}

/** A text to say, or a command. */
export type Typed =
  | { readonly t: 'text'; readonly text: string }
  | { readonly t: 'command'; readonly name: string; readonly argument: string }

/**
 * What the viewer meant by `text`. A slash at its begin makes a command of it, whether there is such a one or not, so
 * that nothing mistyped is said to everybody; a second slash makes it text again.
 */
export function readTyped(text: string): Typed {
  const trimmed = text.trim()
  if (trimmed.startsWith('//')) return { t: 'text', text: trimmed.slice(1) }
  const [, name, argument = ''] = /^\/(\S+)\s*([\s\S]*)$/.exec(trimmed) ?? []
  return name === undefined
    ? { t: 'text', text: trimmed }
    : { t: 'command', name: name.toLowerCase(), argument }
}
