import browser from 'webextension-polyfill'
import type { Draft, DraftKeeper } from '../protocol/draft'

/** UTF-16 units; a longer draft is not kept. Ten times what can be said. */
const MAX_KEPT = 5_000

/**
 * Drafts in the browser's session storage for extensions: in its memory, never on disk, gone when it closes, and out of
 * reach of any page. What nobody has said yet thus outlives a reload of the page and a panel that crashed, and needs no
 * seal.
 */
export const keptDrafts: DraftKeeper = {
  async load(place) {
    const key = keyOf(place)
    return draftFrom((await browser.storage.session.get(key))[key])
  },
  save(place, draft) {
    const { session } = browser.storage
    const isEmpty = draft.text === '' && draft.reply === null
    const key = keyOf(place)
    const text = draft.text.slice(0, MAX_KEPT)
    const saved = isEmpty ? session.remove(key) : session.set({ [key]: { ...draft, text } })
    saved.catch(() => {})
  },
}

const keyOf = (place: string) => `draft ${place}`

/** Our own word of earlier, perhaps of another version. Written out: a schema library would double what a panel loads. */
function draftFrom(stored: unknown): Draft | null {
  if (typeof stored !== 'object' || stored === null || !('text' in stored)) return null
  const { text } = stored
  if (typeof text !== 'string') return null
  return { text: text.slice(0, MAX_KEPT), reply: 'reply' in stored ? replyFrom(stored.reply) : null }
}

function replyFrom(stored: unknown): Draft['reply'] {
  if (typeof stored !== 'object' || stored === null || !('id' in stored)) return null
  const { id } = stored
  if (typeof id !== 'string') return null
  const name = 'name' in stored && typeof stored.name === 'string' ? stored.name : undefined
  const text = 'text' in stored && typeof stored.text === 'string' ? stored.text : undefined
  return { id, ...(name !== undefined && { name }), ...(text !== undefined && { text }) }
}
