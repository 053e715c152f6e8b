import { CODE_LIFETIME_MS } from '../protocol/limits'

/** Sends the one kind of mail there is. Rejects when the mail was not taken. */
export interface Mailer {
  sendCode(to: string, code: string): Promise<void>
}

/** The `send_email` binding, as far as it is used. */
export interface MailBinding {
  send(message: { from: string; to: string; subject: string; text: string }): Promise<unknown>
}

/** The mailer on the `send_email` binding. */
export const bindingMailer = (env: { EMAIL: MailBinding; MAIL_FROM: string }): Mailer => ({
  async sendCode(to, code) {
    await env.EMAIL.send({ from: env.MAIL_FROM, to, subject: 'Your Sidestream code', text: codeMail(code) })
  },
})

/** The code stands in the body only (a subject shows on locked screens) and is its only run of six digits. */
const codeMail = (code: string) => `Your code for Sidestream:

    ${code}

Type it into the Sidestream panel or popup where you asked for it. It works once, for ${CODE_LIFETIME_MS / 60_000} minutes.

If you did not ask for a code, ignore this mail: without the code nobody can sign in as you. Nobody from
Sidestream will ever ask you for it.
`
