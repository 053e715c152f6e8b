import type { Answer, AskProvider } from '../services/emotes/asking'

/** Nobody waits longer for an answer, the whole of it (ms). */
const PATIENCE_MS = 15_000

const FAILED = { t: 'failed', provider: false } as const
const UNREACHABLE = { t: 'failed', provider: true } as const

/**
 * Asks providers of emotes over HTTPS: without cookies, without telling where we are, and nobody but the one who was
 * asked: a redirection is a failure. What is longer than `maxBytes` is not read to its end.
 */
export const providerOver =
  (maxBytes: number, patienceMs = PATIENCE_MS): AskProvider =>
  async (url, etag, signal) => {
    try {
      const response = await fetch(url, {
        headers: { Accept: 'application/json', ...(etag !== undefined && { 'If-None-Match': etag }) },
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'error',
        referrerPolicy: 'no-referrer',
        signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
      })
      return await answerOf(response, maxBytes)
    } catch {
      return UNREACHABLE
    }
  }

async function answerOf(response: Response, maxBytes: number): Promise<Answer> {
  if (response.status === 200) return read(response, maxBytes)
  await response.body?.cancel()
  if (response.status === 304) return { t: 'same' }
  if (response.status === 404) return { t: 'none' }
  const retryAfterMs = Number(response.headers.get('Retry-After')) * 1_000
  if (response.status !== 429 && response.status < 500) return FAILED
  return { ...UNREACHABLE, ...(retryAfterMs > 0 && { retryAfterMs }) }
}

async function read(response: Response, maxBytes: number): Promise<Answer> {
  const text = await textUpTo(response, maxBytes)
  if (text === undefined) return FAILED
  const etag = response.headers.get('ETag')
  const body = parsed(text)
  return body === undefined ? FAILED : { t: 'set', body, ...(etag !== null && { etag }) }
}

async function textUpTo(response: Response, maxBytes: number): Promise<string | undefined> {
  if (!response.body || Number(response.headers.get('Content-Length')) > maxBytes) {
    await response.body?.cancel()
    return undefined
  }
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  const reader = response.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    bytes += value.length
    if (bytes > maxBytes) {
      await reader.cancel()
      return undefined
    }
    text += decoder.decode(value, { stream: true })
  }
}

/** `undefined` is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
