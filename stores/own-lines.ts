import { computed, type Ref, shallowRef } from 'vue'
import type { MessageView, ReplyView, SayHow, SayRefusal, WaitingView } from '../protocol/host-port'
import type { HostConnection, HostState } from './host'

/** `failed`: the host could not do it, and nobody knows why. */
export type RefusalReason = SayRefusal | 'failed'

/** Own text that is no message yet, as the list shows it. */
export interface OwnLine {
  /** Names the line from the keyboard to its place among the messages, so that the list never draws it twice. */
  readonly key: string
  readonly text: string
  readonly me?: true
  readonly reply?: ReplyView
  readonly ms: number
  readonly state: WaitingView['state']
  readonly refused?: RefusalReason
}

/** What the viewer says in a way of its own: as what they do, or in answer to a message, as they saw it. */
export interface Manner {
  readonly me?: true
  readonly reply?: ReplyView
}

/** One that the host may not have yet. */
interface TypedLine extends Manner {
  readonly key: string
  readonly text: string
  readonly ms: number
  /** The room and who spoke there: nowhere else and as nobody else is it ever said. */
  readonly place: string
  /** `unsaid`: the host may have died before it heard it. `taken`: it is safe there. */
  readonly step: 'unsaid' | 'asked' | 'taken' | 'refused'
  readonly refused?: RefusalReason
  /** Said before to a host that did not answer. */
  readonly again?: boolean
  /** The host reported it. */
  readonly listed?: boolean
}

interface Surroundings {
  /** `null` where there is no room, or nobody to speak. */
  place: Readonly<Ref<string | null>>
  waiting: Readonly<Ref<readonly WaitingView[]>>
  messages: Readonly<Ref<readonly MessageView[]>>
  hostState: Readonly<Ref<HostState>>
  host(): HostConnection | null
}

/**
 * Own lines between the keyboard and the log. Each is known by the key it got here: it shows at once, is said again
 * under that key to a host that comes back after it died unanswered, and stands aside for the host's own report.
 */
export function createOwnLines({ place, waiting, messages, hostState, host }: Surroundings) {
  const typed = shallowRef<readonly TypedLine[]>([])
  const discarded = shallowRef<ReadonlySet<string>>(new Set())
  const said = computed(() => {
    const keys = new Set<string>()
    // The list is long, and this is asked with every message.
    for (const { key } of messages.value) if (key !== undefined) keys.add(key)
    return keys
  })
  const reported = computed(() => new Set(waiting.value.map(({ key }) => key)))
  const isReported = (key: string) => said.value.has(key) || reported.value.has(key)

  /** Top to bottom: what the host has in hand, then what it may not have heard yet. */
  const lines = computed<readonly OwnLine[]>(() => [
    ...waiting.value.filter(({ key }) => !said.value.has(key) && !discarded.value.has(key)),
    ...typed.value.filter((line) => line.place === place.value && !isReported(line.key)).map(shown),
  ])

  function change(key: string, update: (line: TypedLine) => TypedLine | null): void {
    typed.value = typed.value.flatMap((line) => (line.key === key ? (update(line) ?? []) : line))
  }

  /** Shows `text` at once and says it. */
  function say(text: string, manner: Manner = {}): void {
    if (place.value === null) return
    const line = {
      ...manner,
      key: crypto.randomUUID(),
      text,
      ms: Date.now(),
      place: place.value,
      step: 'unsaid' as const,
    }
    typed.value = [...typed.value, line]
    sayUnsaid()
  }

  async function ask({ key, text, ...manner }: TypedLine): Promise<void> {
    change(key, ({ refused: _, ...line }) => ({ ...line, step: 'asked' }))
    try {
      const to = host()
      if (!to) throw new Error('no host is attached')
      const answer = await to.say(key, text, howOf(manner))
      if ('refused' in answer) refuse(key, answer.refused)
      else taken(key)
    } catch {
      // A lost port is known by now; with the port in place, it is the host that failed.
      if (host() && hostState.value === 'open') refuse(key, 'failed')
      else change(key, (line) => ({ ...line, step: 'unsaid', again: true, listed: false }))
    }
  }

  function refuse(key: string, refused: RefusalReason): void {
    change(key, (line) => (isReported(key) ? null : { ...line, step: 'refused', refused }))
  }

  function taken(key: string): void {
    const line = typed.value.find((one) => one.key === key)
    if (!line) return
    change(key, (one) => (isReported(key) || one.listed ? null : { ...one, step: 'taken' }))
    // A host that died may have said it without knowing the key any more: its whole view shows.
    if (line.again && !isReported(key)) host()?.refresh().catch(ignore)
  }

  /** After each word of the host: what it reports is its own from now on, and so is what it let go. */
  function settle(isWhole: boolean): void {
    typed.value = typed.value.flatMap((line) => {
      if (line.place !== place.value) return line
      if (isReported(line.key)) return line.step === 'asked' ? { ...line, listed: true } : []
      return line.listed || (isWhole && line.step === 'taken') ? [] : line
    })
    const still = [...discarded.value].filter((key) => reported.value.has(key))
    if (still.length < discarded.value.size) discarded.value = new Set(still)
  }

  /** Says what waits for a host: it was away, or died without an answer. */
  function sayUnsaid(): void {
    if (!host() || hostState.value !== 'open') return
    for (const line of typed.value) if (line.place === place.value && line.step === 'unsaid') void ask(line)
  }

  /** Says a refused line again, under its key. */
  function sayAgain(key: string): void {
    const line = typed.value.find((one) => one.key === key)
    if (line?.step === 'refused') void ask(line)
    else if (reported.value.has(key)) host()?.sayAgain(key).catch(ignore)
  }

  /** Drops a line that waits or was refused. Where the host cannot be told, the line comes back. */
  function discard(key: string): void {
    const line = typed.value.find((one) => one.key === key)
    change(key, () => null)
    if (line?.step === 'refused' && !reported.value.has(key)) return
    discarded.value = new Set([...discarded.value, key])
    host()
      ?.discard(key)
      .catch(() => {
        discarded.value = new Set([...discarded.value].filter((one) => one !== key))
      })
  }

  return { lines, say, sayAgain, discard, settle, sayUnsaid }
}

const ignore = () => undefined

function howOf({ me, reply }: Manner): SayHow | undefined {
  if (!me && !reply) return undefined
  return { ...(me && { me }), ...(reply && { reply: reply.id }) }
}

function shown({ key, text, ms, step, refused, me, reply }: TypedLine): OwnLine {
  const state = step === 'refused' ? 'refused' : 'sending'
  return { key, text, ms, state, ...(refused && { refused }), ...(me && { me }), ...(reply && { reply }) }
}
