import type { CompletionSource } from './completion'
import type { SlashCommand } from './slash-commands'
import type { Translate } from './text'

/** Completes the names of slash commands at the begin of a text. */
export const commandCompletion = (
  commands: () => readonly SlashCommand[],
  translate: Translate,
): CompletionSource => ({
  name: 'commands',
  trigger: '/',
  minLength: 0,
  onTab: false,
  onlyFirst: true,
  label: 'suggestedCommands',
  complete: (query, limit) =>
    commands()
      .filter(({ name }) => name.startsWith(query.toLowerCase()))
      .slice(0, limit)
      .map(({ name, takes, help }) => ({
        id: name,
        text: `/${name}`,
        label: takes ? `/${name} ${translate(takes)}` : `/${name}`,
        detail: translate(help),
      })),
})
