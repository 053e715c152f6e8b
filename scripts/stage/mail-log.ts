import { readFile } from 'node:fs/promises'

/** One message as the Worker sent it. */
export interface Mail {
  to: string
  subject: string
  body: string
}

/**
 * Reads the messages that `wrangler dev` mentions in its log: it delivers no mail but writes each to a temporary file.
 *
 * ```
 * send_email binding called with MessageBuilder:     send_email binding called with the following message:
 * From: a@b.c                                        Email: /tmp/….eml
 * To: d@e.f
 * Subject: Hello
 *
 * Text: /tmp/….txt
 * ```
 *
 * @returns a function to feed with every line of the log.
 */
export function mailLog(deliver: (mail: Mail) => void, failed: (error: unknown) => void) {
  let current: { to: string; subject: string } | undefined
  return (line: string) => {
    if (line.includes('send_email binding called with')) {
      current = { to: '', subject: '' }
      return
    }
    const [, name, value] = /^(To|Subject|Text|HTML|Email): (.+)$/.exec(line) ?? []
    if (!current || !name || !value) return
    if (name === 'To') current.to = address(value)
    else if (name === 'Subject') current.subject = value
    else {
      const { to, subject } = current
      current = undefined
      readFile(value, 'utf8')
        .then((text) => deliver(name === 'Email' ? fromMime(text) : { to, subject, body: text }))
        .catch(failed)
    }
  }
}

/** `"Some One" <a@b.c>` → `a@b.c`. */
function address(header: string): string {
  return (/<([^>]+)>/.exec(header)?.[1] ?? header).trim()
}

/** Enough of RFC 5322 for our own plain mails; transfer encodings are left as they are. */
function fromMime(text: string): Mail {
  const [head = '', ...rest] = text.split(/\r?\n\r?\n/)
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim() ?? ''
  return { to: address(header('To')), subject: header('Subject'), body: rest.join('\n\n') }
}
