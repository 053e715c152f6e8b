import { describe, expect, it } from 'vitest'
import type { PageLayout, PanelSizes } from '../../../protocol/host-port'
import { PanelLayout } from '../../../services/host/panel-layout'
import { RoomHost } from '../../../services/host/room-host'
import { VirtualClock } from '../world/virtual-clock'

function remembered() {
  const saved: (boolean | PanelSizes)[] = []
  const memory = {
    saveCollapsed: (collapsed: boolean) => saved.push(collapsed),
    saveSizes: (sizes: PanelSizes) => saved.push(sizes),
  }
  return { saved, memory }
}

describe('how the panels are laid out', () => {
  it('is told to nobody before it is known how the viewer left them', () => {
    const told: PageLayout[] = []
    const layout = new PanelLayout(remembered().memory, (message) => told.push(message))
    expect(layout.message).toBeUndefined()
    layout.restore(true, { card: 300 })
    expect(told).toEqual([{ t: 'layout', collapsed: true, sizes: { card: 300 } }])
    expect(layout.message).toEqual(told[0])
  })

  it('is remembered, each size for its own place, until it is the usual one again', () => {
    const { saved, memory } = remembered()
    const layout = new PanelLayout(memory, () => {})
    layout.restore(false, {})
    layout.resize('column', 400)
    layout.resize('card', 300)
    layout.resize('column', null)
    layout.collapse(true)
    expect(saved).toEqual([{ column: 400 }, { column: 400, card: 300 }, { card: 300 }, true])
    expect(layout.message).toEqual({ t: 'layout', collapsed: true, sizes: { card: 300 } })
  })

  it('is the same in all tabs', () => {
    const { saved, memory } = remembered()
    const host = new RoomHost({ clock: new VirtualClock(), ...memory })
    const told: PageLayout[][] = [[], []]
    const [first] = told.map((layouts, tab) => host.openPage(tab, (layout) => layouts.push(layout)))
    expect(told).toEqual([[], []])
    host.restoreLayout(false, {})
    first?.resize({ t: 'size', shape: 'sheet', size: 250 })
    for (const layouts of told)
      expect(layouts).toEqual([
        { t: 'layout', collapsed: false, sizes: {} },
        { t: 'layout', collapsed: false, sizes: { sheet: 250 } },
      ])
    expect(saved).toEqual([{ sheet: 250 }])
  })
})
