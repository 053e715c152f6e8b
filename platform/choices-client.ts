import browser from 'webextension-polyfill'
import type { ChoiceSource, PersonChoice } from '../protocol/people'

export const CHOICES_CHANGED = { to: 'pages', event: 'choices-changed' } as const

/** The room host's choices, for pages without a port to it. `ensureHost` resolves when there is a host. */
export function choicesOver(ensureHost: () => Promise<void>): ChoiceSource {
  return {
    async list() {
      await ensureHost()
      // Our own host's answer: one extension, one version, so its shape is the compiler's word.
      const list: PersonChoice[] | undefined = await browser.runtime.sendMessage({
        to: 'host',
        call: 'choices',
      })
      if (!Array.isArray(list)) throw new Error('the room host did not answer')
      return list
    },
    async choose(account, name, standing) {
      await ensureHost()
      const message = { to: 'host', call: 'choose', account, name, standing }
      return (await browser.runtime.sendMessage(message)) === true
    },
    onChanged(listener) {
      const heard = (message: unknown) => {
        if (isChange(message)) listener()
      }
      browser.runtime.onMessage.addListener(heard)
      return () => browser.runtime.onMessage.removeListener(heard)
    },
  }
}

const isChange = (message: unknown): boolean =>
  typeof message === 'object' &&
  message !== null &&
  'event' in message &&
  message.event === CHOICES_CHANGED.event
