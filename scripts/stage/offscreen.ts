import type { BrowserContext, CDPSession } from 'playwright-core'
import { z } from 'zod'

/** Connections of the room host in Chromium's offscreen document, after a garbage collection. */
export interface HeldConnections {
  /** Those that are not closed. */
  open: number
  /** Those that something still holds on to, the closed ones, too. */
  held: number
}

/** @throws where there is no offscreen document. */
export async function connectionsOfHost(context: BrowserContext): Promise<HeldConnections> {
  const devtools = await context.browser()?.newBrowserCDPSession()
  if (!devtools) throw new Error('no way to DevTools')
  try {
    const { targetInfos } = await devtools.send('Target.getTargets', { filter: [{}] })
    const host = targetInfos.find(
      ({ type, url }) =>
        type === 'background_page' && /^chrome-extension:\/\/[^/]+\/offscreen\.html/.test(url),
    )
    if (!host) throw new Error('no offscreen document')
    const ask = await converse(devtools, host.targetId)
    const prototype = await ask('Runtime.evaluate', { expression: 'RTCPeerConnection.prototype' })
    const all = await ask('Runtime.queryObjects', {
      prototypeObjectId: objectIn(prototype, 'result'),
    })
    const counted = await ask('Runtime.callFunctionOn', {
      objectId: objectIn(all, 'objects'),
      returnByValue: true,
      functionDeclaration: `function () {
        return { held: this.length, open: this.filter((one) => one.connectionState !== 'closed').length }
      }`,
    })
    return z
      .object({ result: z.object({ value: z.object({ open: z.int(), held: z.int() }) }) })
      .parse(counted).result.value
  } finally {
    await devtools.detach()
  }
}

const objectIn = (answer: unknown, name: string) =>
  z.object({ [name]: z.object({ objectId: z.string() }) }).parse(answer)[name]?.objectId

const answerSchema = z.object({ id: z.int(), result: z.unknown().optional(), error: z.unknown().optional() })

/** A conversation with a target that Playwright has no name for. */
async function converse(devtools: CDPSession, targetId: string) {
  const waiting = new Map<number, (answer: z.infer<typeof answerSchema>) => void>()
  devtools.on('Target.receivedMessageFromTarget', ({ message }) => {
    const answer = answerSchema.safeParse(JSON.parse(message))
    if (answer.success) waiting.get(answer.data.id)?.(answer.data)
  })
  const { sessionId } = await devtools.send('Target.attachToTarget', { targetId, flatten: false })
  let last = 0
  return async (method: string, params: object): Promise<unknown> => {
    const id = ++last
    const answered = new Promise<z.infer<typeof answerSchema>>((done) => waiting.set(id, done))
    const message = JSON.stringify({ id, method, params })
    await devtools.send('Target.sendMessageToTarget', { sessionId, message })
    const { result, error } = await answered
    if (error) throw new Error(`${method}: ${JSON.stringify(error)}`)
    return result
  }
}
