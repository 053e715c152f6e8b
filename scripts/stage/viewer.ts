import type { Outbox } from './outbox.ts'
import type { Panel } from './panel.ts'
import { until } from './until.ts'

/** A line of the conversation as the panel shows it. */
export interface Shown {
  author: string
  text: string
}

/** The same with what became of it: `said`, or what an own line waits for. */
export interface Line extends Shown {
  id: string
  status: string
}

/** What the panel says about its connection; `links` counts live links to other members, `server` is the room object. */
export interface Connection {
  state: string
  links: number
  server: boolean
}

const byTestId = (id: string) => `[data-testid="${id}"]`

/** How links get across, as the panel tells: from browser to browser, by a relay, through the Worker. */
export interface LinkKinds {
  direct: number
  turn: number
  hub: number
}

/** Elements of the panel that scenarios and the panel's author agreed upon. */
export const ui = {
  email: 'input[name=email]',
  sendCode: byTestId('send-code'),
  code: 'input[name=code]',
  composer: byTestId('composer'),
  log: '[role=log]',
  message: byTestId('message'),
  connection: byTestId('connection'),
  reconnect: byTestId('reconnect'),
  historyNote: byTestId('history-note'),
  typing: byTestId('typing'),
  roomMenu: byTestId('room-menu'),
  clearRoom: byTestId('clear-room'),
  confirmClearRoom: byTestId('clear-room-confirm'),
  exportHistory: byTestId('export-history'),
  clearHistory: byTestId('clear-history'),
  confirmClearHistory: byTestId('clear-history-confirm'),
  memberCount: byTestId('member-count'),
  tampered: byTestId('tampered'),
  choiceRelay: byTestId('choice-relay'),
  choiceDirect: byTestId('choice-direct'),
  collapse: byTestId('collapse'),
  expand: byTestId('expand'),
}

/**
 * Signs in by e-mail code, up to where the viewer could type a message. By keyboard: a panel that has just been opened may still
 * move about, and then the mouse misses.
 */
export async function signIn(panel: Panel, email: string, outbox: Outbox): Promise<void> {
  const after = Date.now() - 1
  await panel.fill(ui.email, email)
  await panel.press(ui.sendCode, 'Enter')
  await panel.waitFor(ui.code, { timeout: 20_000 })
  // A whole code goes off by itself.
  await panel.fill(ui.code, await outbox.waitForCode(email, { after }))
  await panel.waitFor(ui.composer, { timeout: 40_000 })
}

/** Types a message and sends it with Enter. */
export async function say(panel: Panel, text: string): Promise<void> {
  await panel.fill(ui.composer, text)
  await panel.press(ui.composer, 'Enter')
}

/** The messages in the panel, oldest first: of a long list, which draws only what is near the view, by scrolling through it. */
export async function messages(panel: Panel): Promise<Line[]> {
  return panel.evaluate(readMessages, { log: ui.log, message: ui.message })
}

/** Runs in the panel. */
async function readMessages(what: { log: string; message: string }): Promise<Line[]> {
  const scroller = document.querySelector<HTMLElement>(what.log)
  const read = () =>
    [...document.querySelectorAll<HTMLElement>(what.message)].map((item) => ({
      author: item.dataset.author ?? '',
      text: item.querySelector('[data-testid="message-text"]')?.textContent?.trim() ?? '',
      id: item.dataset.id ?? '',
      status: item.dataset.status ?? '',
    }))
  const isWhole = [...document.querySelectorAll<HTMLElement>(`${what.log} .gap`)].every(
    ({ offsetHeight }) => offsetHeight === 0,
  )
  if (!scroller || isWhole) return read()
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
  const found = new Map<string, Line>()
  const { clientHeight } = scroller
  scroller.dispatchEvent(new WheelEvent('wheel', { deltaY: -1, bubbles: true }))
  for (let top = 0; ; top += clientHeight) {
    scroller.scrollTop = top
    await drawn()
    await drawn()
    for (const line of read()) found.set(line.id, line)
    if (scroller.scrollTop + clientHeight >= scroller.scrollHeight - 1) return [...found.values()]
  }
}

/** Waits until a message with exactly this text is on screen, and returns it with its author. */
export function seeMessage(panel: Panel, text: string, timeout = 15_000): Promise<Shown> {
  return panel.until(
    ({ selector, text }) => {
      const item = [...document.querySelectorAll<HTMLElement>(selector)].find(
        (item) => item.querySelector('[data-testid="message-text"]')?.textContent?.trim() === text,
      )
      return item && { author: item.dataset.author ?? '', text }
    },
    { selector: ui.message, text },
    { what: `the message "${text}"`, timeout },
  )
}

/** Waits until a line with exactly this text has this status. */
export async function seeStatus(panel: Panel, text: string, status: string, timeout = 15_000): Promise<void> {
  await panel.until(
    ({ selector, text, status }) =>
      [...document.querySelectorAll<HTMLElement>(selector)].some(
        (item) =>
          item.dataset.status === status &&
          item.querySelector('[data-testid="message-text"]')?.textContent?.trim() === text,
      ),
    { selector: ui.message, text, status },
    { what: `"${text}" to be ${status}`, timeout },
  )
}

/** What the panel says about its connection now. */
export function connection(panel: Panel): Promise<Connection> {
  return panel.evaluate(shownConnection, ui.connection)
}

function shownConnection(selector: string): Connection {
  const { state = '', links = '0', server } = document.querySelector<HTMLElement>(selector)?.dataset ?? {}
  return { state, links: Number(links), server: server === 'true' }
}

/** Waits until what the panel says about its connection agrees with all that is given. */
export async function seeConnection(
  panel: Panel,
  wanted: Partial<Connection>,
  timeout = 30_000,
): Promise<void> {
  const agrees = async () => {
    const seen = await connection(panel)
    return (
      (wanted.state ?? seen.state) === seen.state &&
      (wanted.links ?? seen.links) === seen.links &&
      (wanted.server ?? seen.server) === seen.server
    )
  }
  await until(agrees, { what: `a connection with ${JSON.stringify(wanted)}`, timeout })
}

/** The kinds of links that the panel counts. */
export async function linkKinds(panel: Panel): Promise<LinkKinds> {
  const words = await panel.evaluate(
    (selector) => document.querySelector<HTMLElement>(selector)?.dataset.kinds ?? '{}',
    ui.connection,
  )
  return { direct: 0, turn: 0, hub: 0, ...JSON.parse(words) }
}

/** Waits until the panel has links of exactly these kinds. */
export async function seeLinkKinds(
  panel: Panel,
  wanted: Partial<LinkKinds>,
  timeout = 30_000,
): Promise<void> {
  const whole = { direct: 0, turn: 0, hub: 0, ...wanted }
  let seen: LinkKinds | undefined
  const agrees = async () => {
    seen = await linkKinds(panel)
    return seen.direct === whole.direct && seen.turn === whole.turn && seen.hub === whole.hub
  }
  await until(agrees, { what: `links of kinds ${JSON.stringify(whole)}`, timeout }).catch(
    (cause: unknown) => {
      throw new Error(`instead of links of kinds ${JSON.stringify(whole)}: ${JSON.stringify(seen)}`, {
        cause,
      })
    },
  )
}

/** Waits until the panel is connected over at least this many links. */
export async function seeLinks(panel: Panel, atLeast: number, timeout = 30_000): Promise<void> {
  await panel.until(
    ({ selector, atLeast }) => {
      const { state, links } = document.querySelector<HTMLElement>(selector)?.dataset ?? {}
      return state === 'connected' && Number(links) >= atLeast
    },
    { selector: ui.connection, atLeast },
    { what: `a connection over ${atLeast} link(s)`, timeout },
  )
}

/** Waits until the panel counts this many members, oneself included. */
export async function seeMembers(panel: Panel, count: number, timeout = 30_000): Promise<void> {
  await panel.until(
    ({ selector, count }) => {
      const digits = /\d+/.exec(document.querySelector(selector)?.textContent ?? '')?.[0]
      return digits !== undefined && Number(digits) === count
    },
    { selector: ui.memberCount, count },
    { what: `${count} member(s)`, timeout },
  )
}
