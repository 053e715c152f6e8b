import { shallowRef } from 'vue'
import type { SayRefusal } from '../protocol/host-port'

/** `host-lost`: the host died before it answered. */
export type RefusalReason = SayRefusal | 'host-lost'

/** Own text on its way to the host, or refused by it. */
export interface OutgoingLine {
  /** Names the line from here to its place among the messages, so that the list never draws it twice. */
  readonly key: string
  readonly text: string
  readonly ms: number
  /** `null` while it is being sent. */
  readonly refused: RefusalReason | null
  /** The message's id once the host has answered. */
  readonly id: string | null
  /** The message that is taken to be this one, until the host's answer confirms it. */
  readonly heardAs: string | null
}

const MAX_KEPT_KEYS = 1_000

const sameText = (a: string, b: string) => a.normalize('NFC') === b.normalize('NFC')

/**
 * Own lines between the keyboard and the log. A delta may bring the message before or after the host's answer
 * names it: before, the oldest unanswered line with that text stands aside for it.
 */
export function createOutgoing() {
  const lines = shallowRef<readonly OutgoingLine[]>([])
  const keys = new Map<string, string>()
  let count = 0

  function change(key: string, update: (line: OutgoingLine) => OutgoingLine | null): void {
    lines.value = lines.value.flatMap((line) => (line.key === key ? (update(line) ?? []) : line))
  }

  function keepKey(id: string, key: string): void {
    keys.set(id, key)
    const oldest = keys.keys().next()
    if (keys.size > MAX_KEPT_KEYS && !oldest.done) keys.delete(oldest.value)
  }

  function add(text: string, ms: number): string {
    count += 1
    const key = `own-${count}`
    lines.value = [...lines.value, { key, text, ms, refused: null, id: null, heardAs: null }]
    return key
  }

  /** An own message came in. */
  function heard(id: string, text: string): void {
    const line =
      lines.value.find((one) => one.id === id) ??
      lines.value.find(
        (one) =>
          one.id === null &&
          one.heardAs === null &&
          (one.refused === null || one.refused === 'host-lost') &&
          sameText(one.text, text),
      )
    if (!line) return
    keepKey(id, line.key)
    const answered = line.id !== null || line.refused !== null
    change(line.key, (one) => (answered ? null : { ...one, heardAs: id }))
  }

  /** The host took it. `shown`: whether a message of that id is there already. */
  function accepted(key: string, id: string, shown: boolean): void {
    change(key, (line) => {
      if (line.heardAs !== null && line.heardAs !== id) keys.delete(line.heardAs)
      keepKey(id, key)
      return shown ? null : { ...line, id, heardAs: null }
    })
  }

  function refused(key: string, reason: RefusalReason): void {
    change(key, (line) => {
      if (line.heardAs !== null && reason === 'host-lost') return null
      if (line.heardAs !== null) keys.delete(line.heardAs)
      return { ...line, refused: reason, heardAs: null }
    })
  }

  /** Takes a line back, for example in order to say it again. */
  function take(key: string): OutgoingLine | undefined {
    const line = lines.value.find((one) => one.key === key)
    change(key, () => null)
    return line
  }

  function clear(): void {
    lines.value = []
    keys.clear()
  }

  /** What the list should call a message: the key its line had while it was being sent, else its id. */
  const keyOf = (id: string): string => keys.get(id) ?? id

  return { lines, add, heard, accepted, refused, take, clear, keyOf }
}
