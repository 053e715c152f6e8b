import type { MessageView } from '../../protocol/host-port'
import { nextMessage } from './panel-messages'

/** `perSecond` messages for `seconds`, in as many batches as the host makes. */
export async function storm(
  perSecond: number,
  seconds: number,
  batchMs: number,
  take: (batch: MessageView[]) => void,
) {
  const begin = performance.now()
  let sent = 0
  while (performance.now() - begin < seconds * 1_000) {
    await new Promise((resolve) => setTimeout(resolve, batchMs))
    const due = Math.floor(((performance.now() - begin) / 1_000) * perSecond)
    take(Array.from({ length: due - sent }, () => nextMessage(Date.now())))
    sent = due
  }
}

/** The same messages in a list that holds an element for each: what the panel's rows look like, without the panel. */
export function plainList(sample: string) {
  const scroller = document.createElement('div')
  scroller.style.cssText = 'position:fixed;inset:0;overflow:hidden auto;background:var(--surface)'
  document.body.replaceChildren(scroller)
  const template = document.createElement('template')
  template.innerHTML = sample
  return (batch: readonly MessageView[], most: number) => {
    for (const { name, text } of batch) {
      const row = template.content.cloneNode(true)
      if (!(row instanceof DocumentFragment)) continue
      const who = row.querySelector('.name')
      const what = row.querySelector('[data-testid="message-text"]')
      if (who) who.textContent = name
      if (what) what.textContent = text
      scroller.append(row)
    }
    while (scroller.childElementCount > most) scroller.firstElementChild?.remove()
    scroller.scrollTop = scroller.scrollHeight
  }
}
