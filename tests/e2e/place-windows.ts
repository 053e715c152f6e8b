import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bystander, heightOf, twitchs } from './bystander.ts'
import { compare, type Scene } from './geometry.ts'
import { ui } from './stage.ts'

let viewer: Bystander

interface Window {
  size: readonly [number, number]
  zoom?: number
  /** No place is left that touches nothing: all that is promised is that the panel collapses. */
  isCramped?: boolean
}

interface Case {
  name: string
  path?: string
  /** The windows it is looked at in, one after the other. */
  windows?: readonly Window[]
  /** What the viewer clicks first, and where the open panel is then. */
  click?: { what: string; leadsTo(scene: Scene): boolean }
  /** Looked at open alone: collapsed, it is like another one. */
  isAlike?: boolean
}

const { theatre, fullscreen, toggle } = twitchs
const usual: Window = { size: [1600, 900] }

const cases: Case[] = [
  {
    name: 'a channel in windows of 320 to 3840 px, at 67 to 200 %',
    windows: [
      usual,
      { size: [320, 900] },
      { size: [320, 560], isCramped: true },
      { size: [768, 1024] },
      { size: [1280, 720] },
      { size: [3840, 2160] },
      { size: [1920, 1080], zoom: 67 },
      { size: [1920, 1080], zoom: 200 },
    ],
  },
  { name: 'from right to left', path: 'lumenfox?dir=rtl', windows: [usual, { size: [1000, 700] }] },
  { name: 'without its chat', click: { what: toggle, leadsTo: ({ panel }) => panel?.right === 1600 } },
  { name: 'in theatre', click: { what: theatre, leadsTo: ({ panel }) => panel?.right === 1600 - 350 } },
  {
    name: 'in theatre, narrow',
    windows: [{ size: [900, 700] }],
    click: { what: theatre, leadsTo: ({ panel }) => panel?.right === 900 },
  },
  {
    name: 'in fullscreen',
    click: { what: fullscreen, leadsTo: ({ panel, view }) => panel?.right === view.width - 10 },
  },
  { name: 'offline', path: 'quietcove', isAlike: true },
  { name: 'a recording', path: 'lumenfox/video/123', isAlike: true },
  { name: 'a clip', path: 'lumenfox/clip/FunnyName' },
  { name: 'a squad', path: 'lumenfox/squad', isAlike: true },
  { name: 'mod view', path: 'moderator/lumenfox' },
  { name: 'the dashboard', path: 'u/lumenfox/stream-manager' },
  { name: 'popout chat', path: 'popout/lumenfox/chat', windows: [{ size: [400, 720] }] },
  {
    name: 'with other classes',
    path: 'lumenfox?names=renamed',
    windows: [usual, { size: [1280, 720] }],
    isAlike: true,
  },
  { name: 'with no name that is known', path: 'lumenfox?names=bare' },
]

/** What is wrong with how the panel lies there. */
function faultsOf(scene: Scene): string[] {
  const { panel, view, covered, isBuried } = scene
  if (!panel) return ['no panel']
  const isInside =
    panel.left >= 0 && panel.top >= 0 && panel.right <= view.width && panel.bottom <= view.height
  return [
    ...covered.map((control) => `covers ${control}`),
    ...(isInside ? [] : [`reaches out of the window: ${JSON.stringify(panel)}`]),
    ...(isBuried ? ['lies below something'] : []),
    ...(scene.isInRoot ? [] : ['is not in the element that goes fullscreen']),
  ]
}

/** Where the panel is, in windows and pages of all kinds. */
export function windowScenarios(there: () => Bystander): void {
  beforeAll(() => {
    viewer = there()
  })

  describe('the panel touches none of Twitch’s controls, open or collapsed', () => {
    // Others begin with an open one.
    afterAll(() => viewer.unfold())
    test.each(cases)('$name', async ({ path = 'lumenfox', windows = [usual], click, isAlike }) => {
      const faults: Record<string, string[]> = {}
      const note = (how: string, { size, zoom = 100 }: Window, found: string[]) => {
        if (found.length > 0) faults[`${how}, ${size.join('×')} at ${zoom} %`] = found
      }
      const [{ size, zoom } = usual] = windows
      await viewer.go(path, size, zoom)
      await viewer.unfold()
      if (click) {
        await viewer.page.click(click.what)
        await viewer.see(click.leadsTo)
      }
      for (const window of windows) {
        await viewer.resize(window.size, window.zoom)
        const scene = await viewer.seeOpen()
        const found = faultsOf(scene)
        if (heightOf(scene) < 160) found.push(`is ${heightOf(scene)} px high`)
        note('open', window, window.isCramped ? found.filter((fault) => !fault.startsWith('covers')) : found)
      }
      if (!isAlike) {
        await viewer.panel.press(ui.collapse, 'Enter')
        for (const window of [...windows].reverse()) {
          await viewer.resize(window.size, window.zoom)
          const scene = await viewer.seeHandle()
          const { withPanel, without } = await viewer.page.evaluate(compare)
          const moved = withPanel === without && scene.mainStyle === null ? [] : ['moves Twitch’s page']
          note('collapsed', window, [...faultsOf(scene), ...moved])
        }
      }
      expect(faults).toEqual({})
    })
  })
}
