import { expect, it } from 'vitest'
import { ref } from 'vue'
import { type Draft, type DraftKeeper, EMPTY_DRAFT } from '../../../protocol/draft'
import { createDrafts } from '../../../stores/drafts'
import { settled } from './fake-host'

function keeper() {
  const kept = new Map<string, Draft>()
  const loads: ((draft: Draft | null) => void)[] = []
  const keeps: DraftKeeper = {
    load: (place) =>
      new Promise((resolve) => {
        loads.push(resolve)
        if (kept.has(place)) resolve(kept.get(place) ?? null)
      }),
    save: (place, draft) => void kept.set(place, draft),
  }
  return { kept, loads, keeps }
}

it('keeps what is written apart for each place, and over a reload', async () => {
  const place = ref<string | null>('me one')
  const { kept, keeps } = keeper()
  const drafts = createDrafts(place)
  drafts.attach(keeps)
  drafts.text.value = 'half a'
  drafts.reply.value = { id: 'x', name: 'CalmHeron' }
  place.value = 'me two'
  expect([drafts.text.value, drafts.reply.value]).toEqual(['', null])
  drafts.text.value = 'other'
  place.value = 'me one'
  expect(drafts.text.value).toBe('half a')

  const again = createDrafts(place)
  again.attach({ ...keeps })
  await settled()
  expect([again.text.value, again.reply.value]).toEqual(['half a', { id: 'x', name: 'CalmHeron' }])
  place.value = 'me two'
  await settled()
  expect(again.text.value).toBe('other')
  again.text.value = ''
  expect(kept.get('me two')).toEqual(EMPTY_DRAFT)
})

it('lets what was kept give way to what is written meanwhile', async () => {
  const { loads, keeps } = keeper()
  const drafts = createDrafts(ref('me one'))
  drafts.attach(keeps)
  drafts.text.value = 'fresh'
  loads[0]?.({ text: 'stale', reply: null })
  await settled()
  expect(drafts.text.value).toBe('fresh')
})

it('has none where there is no place, and works without storage', async () => {
  const place = ref<string | null>(null)
  const drafts = createDrafts(place)
  drafts.attach({ load: () => Promise.reject(new Error('no storage')), save: () => {} })
  drafts.text.value = 'nowhere'
  expect(drafts.text.value).toBe('')
  place.value = 'me one'
  await settled()
  drafts.text.value = 'here'
  expect(drafts.text.value).toBe('here')
})
