// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import MessageList from '../../../components/MessageList.vue'
import { global } from './translate'

describe('the list of messages', () => {
  let wrapper: ReturnType<typeof mount<typeof MessageList>>
  const heights = { scrollHeight: 1_000, clientHeight: 400 }

  /** Nothing is laid out here: the heights are what the test says. */
  function scrollTo(top: number, changed: Partial<typeof heights> = {}): Promise<void> {
    Object.assign(heights, changed)
    const log = wrapper.get('[role=log]')
    log.element.scrollTop = top
    return log.trigger('scroll')
  }
  const isAway = () => wrapper.find('[data-testid=to-newest]').exists()

  beforeEach(async () => {
    Object.assign(heights, { scrollHeight: 1_000, clientHeight: 400 })
    wrapper = mount(MessageList, { global, props: { rows: [], unread: 0, busy: false } })
    for (const name of ['scrollHeight', 'clientHeight'] as const)
      Object.defineProperty(wrapper.get('[role=log]').element, name, { get: () => heights[name] })
    await scrollTo(600)
  })
  afterEach(() => wrapper.unmount())

  it('lets go of its end when somebody scrolls up, and offers the way back', async () => {
    await scrollTo(300)
    expect(isAway()).toBe(true)
    await scrollTo(590)
    expect(isAway()).toBe(false)
    expect(wrapper.emitted('atBottom')).toEqual([[true], [false], [true]])
  })

  it('keeps to its end when the frame or a line changes its size', async () => {
    await scrollTo(500, { scrollHeight: 1_200 })
    await scrollTo(400, { clientHeight: 200 })
    expect(isAway()).toBe(false)
  })

  it('knows a hand even while lines change their size', async () => {
    await wrapper.get('[role=log]').trigger('wheel', { deltaY: -100 })
    await scrollTo(500, { scrollHeight: 1_200 })
    expect(isAway()).toBe(true)
  })
})
