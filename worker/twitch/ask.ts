import { z } from '../../protocol/schema'
import { boundedText } from '../ice/bounded-text'

/** Beyond this (ms) whoever waits is better told that Twitch is away. */
export const TWITCH_DEADLINE_MS = 8_000
const MAX_ANSWER_BYTES = 65_536

/** Twitch is away, too busy, or answers what nobody understands. `message` is ours: it never holds what was answered. */
export class TwitchUnavailable extends Error {
  override readonly name = 'TwitchUnavailable'
}

/**
 * One request to Twitch. The answer is read whole, within bounds, and what an OAuth client cannot take is set right:
 * Twitch gives `scope` as an array (RFC 6749 §5.1 wants words). Never follows a redirect: nobody else has any
 * business with our secrets.
 * @throws TwitchUnavailable unless the answer is of the 200s or 400s, and not "too many requests".
 */
export async function askTwitch(url: string, init: RequestInit): Promise<Response> {
  const signal = AbortSignal.timeout(TWITCH_DEADLINE_MS)
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal })
    const { status, ok } = response
    if (status === 429 || !(ok || (status >= 400 && status < 500))) {
      await response.body?.cancel()
      throw new TwitchUnavailable(`status ${status}`)
    }
    const text = await boundedText(response, MAX_ANSWER_BYTES)
    if (text === undefined) throw new TwitchUnavailable('answer too long')
    return new Response(withScopeAsWords(text), { status, headers: headersOf(response) })
  } catch (error) {
    if (error instanceof TwitchUnavailable) throw error
    throw new TwitchUnavailable(signal.aborted ? 'too slow' : 'unreachable')
  }
}

const scopedSchema = z.looseObject({ scope: z.array(z.string()) })

function withScopeAsWords(text: string): string {
  const { data } = scopedSchema.safeParse(parsed(text))
  return data === undefined ? text : JSON.stringify({ ...data, scope: data.scope.join(' ') })
}

/** The body has changed: its length and encoding are no more what they were. */
function headersOf(response: Response): Record<string, string> {
  const type = response.headers.get('Content-Type')
  const challenge = response.headers.get('WWW-Authenticate')
  return {
    ...(type !== null && { 'Content-Type': type }),
    ...(challenge !== null && { 'WWW-Authenticate': challenge }),
  }
}

/** The JSON of an answer as `schema` has it. @throws TwitchUnavailable for anything else. */
export async function jsonOf<Schema extends z.ZodType>(
  response: Response,
  schema: Schema,
): Promise<z.output<Schema>> {
  const { success, data } = schema.safeParse(parsed(await response.text()))
  if (!success) throw new TwitchUnavailable('not understood')
  return data
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
