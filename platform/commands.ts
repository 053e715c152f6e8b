import browser from 'webextension-polyfill'
import { COMMANDED, type CommandName } from '../protocol/commands'

type Told = (name: CommandName, tab: number | undefined) => void

/** In the background: passes the viewer's shortcuts on to the room host; `told` is one in this very page. */
export function passCommandsOn(told?: Told): void {
  browser.commands.onCommand.addListener((command, tab) => {
    const name = nameOf(command)
    if (name === undefined) return
    told?.(name, tab?.id)
    browser.runtime.sendMessage({ ...COMMANDED, command, tab: tab?.id }).catch(() => {})
  })
}

/** In the room host: hears them. */
export function onCommand(told: Told): void {
  browser.runtime.onMessage.addListener((message: unknown) => {
    if (typeof message !== 'object' || message === null || !('event' in message)) return
    if (message.event !== COMMANDED.event || !('command' in message)) return
    const name = nameOf(message.command)
    const tab = 'tab' in message && typeof message.tab === 'number' ? message.tab : undefined
    if (name !== undefined) told(name, tab)
  })
}

const nameOf = (command: unknown): CommandName | undefined =>
  command === 'toggle-panel' || command === 'focus-composer' ? command : undefined
