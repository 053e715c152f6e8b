import type { CDPSession } from 'playwright-core'

/** What lives in the content script's own world of a page. */
export interface Residents {
  MutationObserver: number
  ResizeObserver: number
  HTMLIFrameElement: number
  ShadowRoot: number
  /** One is the script's own; a port to the room host has another. */
  AbortController: number
}

/** A page as its inspector sees it, with the content script's world in it. */
export class Weighing {
  readonly #inspector: CDPSession
  readonly #world: Promise<number>

  constructor(inspector: CDPSession) {
    this.#inspector = inspector
    this.#world = new Promise((found) => {
      inspector.on('Runtime.executionContextCreated', ({ context }) => {
        if (context.origin.startsWith('chrome-extension://')) found(context.id)
      })
    })
  }

  /** Counts what of ours is alive, after a garbage collection. */
  async residents(): Promise<Residents> {
    await this.#inspector.send('Runtime.enable')
    const contextId = await this.#world
    const count = async (kind: keyof Residents) => {
      const expression = `${kind}.prototype`
      const group = { objectGroup: 'residents' }
      const { result } = await this.#inspector.send('Runtime.evaluate', { expression, contextId, ...group })
      const prototypeObjectId = result.objectId ?? ''
      const { objects } = await this.#inspector.send('Runtime.queryObjects', { prototypeObjectId, ...group })
      const { result: length } = await this.#inspector.send('Runtime.callFunctionOn', {
        objectId: objects.objectId ?? '',
        functionDeclaration: 'function () { return this.length }',
        returnByValue: true,
      })
      await this.#inspector.send('Runtime.releaseObjectGroup', group)
      return Number(length.value)
    }
    return {
      MutationObserver: await count('MutationObserver'),
      ResizeObserver: await count('ResizeObserver'),
      HTMLIFrameElement: await count('HTMLIFrameElement'),
      ShadowRoot: await count('ShadowRoot'),
      AbortController: await count('AbortController'),
    }
  }

  /** Bytes in use, and elements that nothing but a script holds, after a garbage collection. */
  async heap(): Promise<{ used: number; detached: string[] }> {
    await this.#inspector.send('HeapProfiler.enable')
    for (let round = 0; round < 3; round++) await this.#inspector.send('HeapProfiler.collectGarbage')
    const { usedSize: used } = await this.#inspector.send('Runtime.getHeapUsage')
    await this.#inspector.send('DOM.enable')
    const { detachedNodes } = await this.#inspector.send('DOM.getDetachedDomNodes')
    // What it has found it would keep.
    await this.#inspector.send('DOM.disable')
    return { used, detached: detachedNodes.map(({ treeNode }) => treeNode.nodeName) }
  }

  /** The part of `task`'s time that the page's main thread spent in scripts of ours. */
  async share(task: () => Promise<unknown>): Promise<number> {
    await this.#inspector.send('Profiler.enable')
    await this.#inspector.send('Profiler.setSamplingInterval', { interval: 500 })
    await this.#inspector.send('Profiler.start')
    await task()
    const { profile } = await this.#inspector.send('Profiler.stop')
    const ours = new Set(
      profile.nodes
        .filter(({ callFrame }) => callFrame.url.startsWith('chrome-extension:'))
        .map(({ id }) => id),
    )
    const samples = profile.samples ?? []
    return samples.filter((id) => ours.has(id)).length / Math.max(1, samples.length)
  }

  /**
   * How long (ms of processor time) scripts of ours took in those runs of `task` that took longest, with what the browser
   * had to settle for them.
   */
  async longest(task: () => Promise<unknown>): Promise<number[]> {
    const times: number[] = []
    const ended = new Promise((done) => this.#inspector.once('Tracing.tracingComplete', done))
    this.#inspector.on('Tracing.dataCollected', ({ value }) => {
      for (const event of value) {
        const { name, tdur, args } = event as {
          name?: string
          tdur?: number
          args?: { data?: { url?: string } }
        }
        const isScript = name === 'EvaluateScript' || name === 'FunctionCall'
        if (isScript && args?.data?.url?.startsWith('chrome-extension:') && tdur) times.push(tdur / 1000)
      }
    })
    await this.#inspector.send('Tracing.start', {
      traceConfig: { includedCategories: ['devtools.timeline'] },
      transferMode: 'ReportEvents',
    })
    await task()
    await this.#inspector.send('Tracing.end')
    await ended
    return times.sort((a, b) => b - a)
  }
}
