import browser, { type Runtime } from 'webextension-polyfill'
import { type AccountId, accountIdSchema } from '../protocol/device'
import type { PersonChoice, Standing } from '../protocol/people'
import { z } from '../protocol/schema'
import { CHOICES_CHANGED } from './choices-client'
import { isOwnPage } from './extension-sender'

/** Whom the viewer has muted or blocked, as pages without a room ask for it. */
interface Choices {
  list(): PersonChoice[]
  choose(account: AccountId, name: string, standing: Standing | null): Promise<boolean>
}

const MAX_NAME = 100

const callSchema = z.discriminatedUnion('call', [
  z.object({ to: z.literal('host'), call: z.literal('choices') }),
  z.object({
    to: z.literal('host'),
    call: z.literal('choose'),
    account: accountIdSchema,
    name: z.string().max(MAX_NAME),
    standing: z.enum(['muted', 'blocked']).nullable(),
  }),
])

/** Answers pages of ours in the room host, which alone knows and keeps the choices. */
export function serveChoices(choices: Choices): void {
  browser.runtime.onMessage.addListener((message: unknown, sender: Runtime.MessageSender) => {
    const { data } = callSchema.safeParse(message)
    if (!data || !isOwnPage(sender)) return undefined
    if (data.call === 'choices') return Promise.resolve(choices.list())
    return choices.choose(data.account, data.name, data.standing)
  })
}

/** Tells every open page that they changed. Nobody listening is no fault. */
export function announceChoices(): void {
  browser.runtime.sendMessage(CHOICES_CHANGED).catch(() => {})
}
