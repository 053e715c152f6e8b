// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import MeshPicture from '../../../components/MeshPicture.vue'
import { placeLinks, qualityOf } from '../../../components/mesh-picture'
import type { DeviceId } from '../../../protocol/device'
import type { AboutView } from '../../../protocol/host-port'
import { ME } from '../stores/fake-host'
import { global } from './translate'

const link = (name: string, rtt?: number): AboutView['links'][number] => ({
  id: name as DeviceId,
  kind: 'turn',
  accountId: ME,
  name,
  ...(rtt !== undefined && { rtt }),
})
const ABOUT: AboutView = {
  links: [link('BraveOtter', 48), { id: 'somebody' as DeviceId, kind: 'hub' }],
  members: 1_234,
  isExact: false,
  isFullMesh: false,
  hops: 4,
}

describe('the picture of the mesh', () => {
  let view: AboutView | null
  let asked: number
  const about = async () => {
    asked++
    return view
  }
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    view = ABOUT
    asked = 0
  })
  afterEach(() => vi.useRealTimers())

  async function shown() {
    const wrapper = mount(MeshPicture, { props: { about }, global })
    await flushPromises()
    return wrapper
  }

  it('names each link, its kind and its quality; who is not known yet is somebody', async () => {
    const wrapper = await shown()
    const words = wrapper.findAll('[data-testid=mesh-link]').map((row) => row.text().replace(/\s+/g, ' '))
    expect(words).toEqual(['BraveOtterrelayed48 ms', 'Somebodythrough the server'])
    expect(wrapper.findAll('line').map((line) => line.classes())).toEqual([
      ['turn', 'good'],
      ['hub', 'unknown'],
    ])
    wrapper.unmount()
  })

  it.each<[string, Partial<AboutView>, string]>([
    ['a crowd', {}, 'About 1,234 people are here. The latest messages took up to 4 hops to you.'],
    [
      'a quiet crowd',
      { hops: 0 },
      'About 1,234 people are here. Messages reach everybody from neighbour to neighbour.',
    ],
    [
      'a small room',
      { members: 5, isExact: true, isFullMesh: true, hops: 1 },
      '5 people are here. Everybody is linked with everybody.',
    ],
    [
      'nobody',
      { members: 1, isExact: true, links: [] },
      'One person is here. Nobody is linked with you yet.',
    ],
  ])('says how large the room is, and its shape: %s', async (_, change, words) => {
    view = { ...ABOUT, ...change }
    const wrapper = await shown()
    expect(wrapper.get('[data-testid=mesh-words]').text()).toBe(words)
    wrapper.unmount()
  })

  it('asks again while it is in sight, and no more afterwards', async () => {
    const wrapper = await shown()
    view = { ...ABOUT, links: [] }
    await vi.advanceTimersByTimeAsync(2_000)
    expect(wrapper.findAll('[data-testid=mesh-link]')).toHaveLength(0)
    wrapper.unmount()
    const before = asked
    await vi.advanceTimersByTimeAsync(20_000)
    expect(asked).toBe(before)
  })

  it('survives that nobody can say', async () => {
    view = null
    const wrapper = await shown()
    expect(wrapper.find('svg').exists()).toBe(false)
    wrapper.unmount()
  })
})

it('places links around us within the picture', () => {
  const size = { width: 240, height: 132, margin: 16 }
  const nodes = placeLinks(ABOUT.links, size)
  expect(nodes.map(({ x, y }) => [x, y])).toEqual([
    [120, 16],
    [120, 116],
  ])
  expect(placeLinks([], size)).toEqual([])
})

it('tells a quick link from a slow one', () => {
  expect([undefined, 20, 150, 151, 400, 401].map(qualityOf)).toEqual([
    'unknown',
    'good',
    'good',
    'fair',
    'fair',
    'poor',
  ])
})
