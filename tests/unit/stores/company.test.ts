import { describe, expect, it } from 'vitest'
import { ref } from 'vue'
import { createCompany, EMPTY_MS } from '../../../stores/company'

function room({ count = 1, reachable = true, folded = true } = {}) {
  const collapsed = ref(folded)
  const memberCount = ref(count)
  const isReachable = ref(reachable)
  let ms = 0
  const company = createCompany({ collapsed, memberCount, isReachable, now: () => ms })
  const pass = (time: number) => (ms += time)
  return { collapsed, memberCount, isReachable, pass, ...company }
}

describe('whoever comes into an empty room', () => {
  it('is marked while the panel is collapsed, until they go', () => {
    const { memberCount, pass, cameIn } = room()
    pass(EMPTY_MS)
    expect(cameIn.value).toBe(false)
    memberCount.value = 2
    expect(cameIn.value).toBe(true)
    memberCount.value = 3
    expect(cameIn.value).toBe(true)
    memberCount.value = 1
    expect(cameIn.value).toBe(false)
  })

  it('is no news to whoever opens the panel, or has it open', () => {
    const seen = room()
    seen.pass(EMPTY_MS)
    seen.memberCount.value = 2
    seen.collapsed.value = false
    expect(seen.cameIn.value).toBe(false)
    seen.collapsed.value = true
    expect(seen.cameIn.value).toBe(false)
    const open = room({ folded: false })
    open.pass(EMPTY_MS)
    open.memberCount.value = 2
    expect(open.cameIn.value).toBe(false)
    open.collapsed.value = true
    expect(open.cameIn.value).toBe(false)
  })

  it('is not those who were here before we were linked', () => {
    const { memberCount, pass, cameIn } = room()
    pass(EMPTY_MS - 1)
    memberCount.value = 2
    expect(cameIn.value).toBe(false)
  })

  it('is not those who were cut off with us', () => {
    const { memberCount, isReachable, pass, cameIn } = room({ reachable: false })
    pass(EMPTY_MS)
    isReachable.value = true
    pass(EMPTY_MS - 1)
    memberCount.value = 2
    expect(cameIn.value).toBe(false)
  })

  it('is not those of another room', () => {
    const { memberCount, pass, cameIn, begin } = room()
    pass(EMPTY_MS)
    begin()
    memberCount.value = 2
    expect(cameIn.value).toBe(false)
    memberCount.value = 1
    pass(EMPTY_MS)
    memberCount.value = 2
    expect(cameIn.value).toBe(true)
    begin()
    expect(cameIn.value).toBe(false)
  })
})
