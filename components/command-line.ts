import { onScopeDispose, ref, shallowRef } from 'vue'
import { type CommandOutcome, readTyped, type SlashCommand } from './slash-commands'
import { isolate, type Translate } from './text'

/** How long (ms) it is told that something was done. */
const NOTE_MS = 12_000

/** What a composer tells about the last command. */
interface Told {
  readonly words: string
  readonly isProblem: boolean
}

export type Question = Pick<Extract<CommandOutcome, { t: 'ask' }>, 'question' | 'yes' | 'act'>

interface Wiring {
  commands(): readonly SlashCommand[]
  translate: Translate
  /** Says something in the room. */
  say(text: string, me: boolean): void
  /** The command that was typed as `text` is done: it need not stay in the field. */
  onDone(text: string): void
}

/** Carries out what is typed: says it, or does what a slash command does, and tells what came of it. */
export function useCommandLine({ commands, translate, say, onDone }: Wiring) {
  const told = shallowRef<Told | null>(null)
  const question = shallowRef<Question | null>(null)
  const isHelpOpen = ref(false)
  const busy = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  onScopeDispose(() => clearTimeout(timer))
  /** What the question is about. */
  let asked = ''

  /** Nothing happens while a command is under way. */
  function enter(text: string): void {
    if (busy.value) return
    const typed = readTyped(text)
    if (typed.t === 'text') return finish(text, { t: 'say', text: typed.text })
    const command = commands().find(({ name }) => name === typed.name)
    if (!command) return problem(translate('commandUnknown', isolate(`/${typed.name}`)))
    void carryOut(text, () => command.run(typed.argument))
  }

  async function carryOut(text: string, act: () => CommandOutcome | Promise<CommandOutcome>): Promise<void> {
    busy.value = true
    try {
      finish(text, await act())
    } catch {
      problem(translate('commandFailed'))
    } finally {
      busy.value = false
    }
  }

  function finish(text: string, outcome: CommandOutcome): void {
    question.value = null
    told.value = null
    isHelpOpen.value = outcome.t === 'help'
    switch (outcome.t) {
      case 'problem':
        return problem(outcome.words)
      case 'ask':
        asked = text
        question.value = outcome
        return
      case 'say':
        say(outcome.text, outcome.me === true)
        break
      case 'done':
        if (outcome.note !== undefined) note(outcome.note)
    }
    onDone(text)
  }

  /** True now; what is true later, somebody else tells. */
  function note(words: string): void {
    told.value = { words, isProblem: false }
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (told.value?.isProblem === false) told.value = null
    }, NOTE_MS)
  }

  function problem(words: string): void {
    told.value = { words, isProblem: true }
  }

  return {
    told,
    question,
    isHelpOpen,
    busy,
    enter,
    /** The viewer means it. */
    confirm(): void {
      if (question.value) void carryOut(asked, question.value.act)
    },
    cancel: () => {
      question.value = null
    },
    closeHelp: () => {
      isHelpOpen.value = false
    },
    /** The text changed: what was told of the one before is over. */
    edited: () => {
      told.value = null
      question.value = null
      isHelpOpen.value = false
    },
  }
}
