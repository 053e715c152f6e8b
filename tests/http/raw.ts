import { type IncomingMessage, request } from 'node:http'
import { problemSchema } from '../../protocol/errors'

export interface RawAnswer {
  status: number
  headers: IncomingMessage['headers']
  body: Buffer
}

interface RawRequest {
  method?: string
  headers?: Record<string, string>
  body?: string | Uint8Array
  /** The path goes out as it is here, unlike by `fetch`. */
  path: string
}

const MEGABYTE = Buffer.alloc(1_000_000)

/** One request, byte by byte as it is told. Resolves with the answer, or `101` for an upgrade, which it ends. */
export function raw(
  origin: string,
  { method = 'GET', headers = {}, body, path }: RawRequest,
): Promise<RawAnswer> {
  return send(origin, { method, headers, path }, (outgoing) => {
    outgoing.end(body)
  })
}

/** The status of an answer that never came, because the connection was cut. */
export const CUT_OFF = 0

/** Uploads megabytes of nothing until it is answered or cut off. `announced`: with a `Content-Length`. */
export async function upload(
  origin: string,
  { path, headers = {}, megabytes, announced }: RawRequest & { megabytes: number; announced: boolean },
): Promise<RawAnswer & { /** In megabytes; what was handed to the system. */ sent: number }> {
  const length = announced ? { 'Content-Length': String(megabytes * MEGABYTE.length) } : {}
  let sent = 0
  const sending = send(origin, { method: 'POST', headers: { ...headers, ...length }, path }, (outgoing) => {
    const more = () => {
      while (sent < megabytes) {
        sent++
        if (!outgoing.write(MEGABYTE)) return void outgoing.once('drain', more)
      }
      outgoing.end()
    }
    more()
  })
  const answer = await sending.catch((error: unknown): RawAnswer => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'ECONNRESET' && code !== 'EPIPE') throw error
    return { status: CUT_OFF, headers: {}, body: Buffer.alloc(0) }
  })
  return { ...answer, sent }
}

function send(
  origin: string,
  { method, headers, path }: Required<Pick<RawRequest, 'method' | 'headers' | 'path'>>,
  write: (outgoing: ReturnType<typeof request>) => void,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers, agent: false })
    outgoing.on('upgrade', (answer, socket) => {
      socket.destroy()
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.alloc(0) })
    })
    outgoing.on('response', (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) })
        outgoing.destroy()
      })
      answer.on('error', reject)
    })
    // After the answer, this is only that nobody reads the rest.
    outgoing.on('error', reject)
    write(outgoing)
  })
}

/** The stable code of a refusal, whose shape is checked along the way. */
export function refusalOf({ status, headers, body }: RawAnswer): string {
  if (headers['content-type'] !== 'application/problem+json') throw new Error(`no problem: ${status} ${body}`)
  const problem = problemSchema.parse(JSON.parse(body.toString()))
  if (problem.status !== status) throw new Error('two statuses')
  return problem.code
}
