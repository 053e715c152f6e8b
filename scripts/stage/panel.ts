import { until } from './until.ts'

/** What Playwright's frame and Puppeteer's have in common, as far as the panel needs it. */
export interface FrameDriver {
  fill(selector: string, value: string): Promise<void>
  click(selector: string): Promise<void>
  press(selector: string, key: string): Promise<void>
  evaluate<R, A>(ask: (argument: A) => R, argument: A): Promise<R>
}

/** What a person in front of the panel can do and see. Selectors are CSS. Actions wait for their element, 10 s unless told. */
export interface Panel {
  fill(selector: string, value: string): Promise<void>
  click(selector: string): Promise<void>
  /** Focuses the element and presses a key, by its `KeyboardEvent.key`. */
  press(selector: string, key: string): Promise<void>
  waitFor(selector: string, options?: { gone?: boolean; timeout?: number }): Promise<void>
  /** Runs a function in the panel; it sees nothing of the test but its argument. */
  evaluate<R, A = undefined>(ask: (argument: A) => R, argument: A): Promise<R>
  /** Asks until the answer is neither undefined, null nor false. */
  until<R, A>(
    ask: (argument: A) => R,
    argument: A,
    options: { what: string; timeout?: number },
  ): Promise<Exclude<R, undefined | null | false>>
}

/** Whether a frame shows the panel: an extension page in `panel.html`. */
export function isPanel(url: string): boolean {
  return /^(chrome|moz)-extension:\/\/[^/]+\/panel\.html([?#]|$)/.test(url)
}

/**
 * The panel among a page's frames, looked up anew for each action: Twitch's re-rendering and a reload replace the frame.
 *
 * @param find the panel's frame that is in the page now, if any.
 */
export function panelFrom(find: () => Promise<FrameDriver | undefined>): Panel {
  const visible = (selector: string) => {
    const element = document.querySelector(selector)
    return element?.checkVisibility({ visibilityProperty: true }) ?? false
  }
  const waitFor: Panel['waitFor'] = async (selector, { gone = false, timeout = 10_000 } = {}) => {
    const look = async () => ((await (await find())?.evaluate(visible, selector)) ?? false) !== gone
    await until(look, { what: `${selector} ${gone ? 'to leave' : 'in'} the panel`, timeout })
  }
  // Waits first and acts once: an action that failed halfway is not repeated, so nothing is ever sent twice.
  const act = async (selector: string, action: (frame: FrameDriver) => Promise<void>) => {
    await waitFor(selector)
    const frame = await find()
    if (!frame) throw new Error(`the panel left before ${selector} could be used`)
    await action(frame)
  }
  return {
    fill: (selector, value) => act(selector, (frame) => frame.fill(selector, value)),
    click: (selector) => act(selector, (frame) => frame.click(selector)),
    press: (selector, key) => act(selector, (frame) => frame.press(selector, key)),
    waitFor,
    async evaluate(ask, argument) {
      const frame = await until(find, { what: 'the panel' })
      return frame.evaluate(ask, argument)
    },
    until: (ask, argument, options) => until(async () => (await find())?.evaluate(ask, argument), options),
  }
}
