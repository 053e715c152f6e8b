import type { Page } from 'playwright-core'
import { inject } from 'vitest'
import { type Chromium, launchChromium } from '../../scripts/stage/chromium.ts'
import type { Panel } from '../../scripts/stage/panel.ts'
import { twitchOrigin } from '../../scripts/stage/twitch.ts'
import { until } from '../../scripts/stage/until.ts'
import { look, type Scene } from './geometry.ts'
import { ui } from './stage.ts'

/** A tab whose viewer never signs in: where the panel is does not depend on who is there. One browser serves many tests. */
export class Bystander {
  readonly chromium: Chromium
  readonly page: Page

  private constructor(chromium: Chromium, page: Page) {
    this.chromium = chromium
    this.page = page
  }

  static async arrive(): Promise<Bystander> {
    const chromium = await launchChromium({
      extensionDir: inject('chromeDir'),
      twitch: { port: inject('twitchPort') },
    })
    const bystander = new Bystander(chromium, await chromium.openChannel('lumenfox'))
    await bystander.panel.waitFor(ui.collapse)
    return bystander
  }

  get panel(): Panel {
    return this.chromium.panel(this.page)
  }

  /** Another tab of the same browser. */
  async another(path: string): Promise<Bystander> {
    return new Bystander(this.chromium, await this.chromium.openChannel(path))
  }

  /** Waits until the panel is where `isRight` says, and has stayed there. */
  async see(isRight: (scene: Scene) => boolean = ({ panel }) => panel !== null): Promise<Scene> {
    let last = ''
    const find = async () => {
      const scene = await this.page.evaluate(look)
      const before = last
      last = JSON.stringify(scene.panel)
      return isRight(scene) && last === before && scene
    }
    return until(find, { what: 'the panel in its place', interval: 40 }).catch((cause: unknown) => {
      throw new Error(`the panel is not in its place, but at ${last}`, { cause })
    })
  }

  seeWidth(wanted: number): Promise<Scene> {
    return this.see((scene) => widthOf(scene) === wanted)
  }

  seeHandle(): Promise<Scene> {
    return this.see((scene) => scene.panel !== null && widthOf(scene) <= 36)
  }

  seeOpen(): Promise<Scene> {
    return this.see((scene) => widthOf(scene) > 36)
  }

  /** Loads a page, in a window of this size at a zoom of so many percent. */
  async go(path: string, size: readonly [number, number] = [1600, 900], zoom = 100): Promise<void> {
    await this.#fit(size, zoom)
    await this.page.goto(`${twitchOrigin}/${path}`, { waitUntil: 'domcontentloaded' })
    await this.see()
  }

  /** Gives the window another size while the page is there, and waits until the page has heard. */
  async resize(size: readonly [number, number], zoom = 100): Promise<void> {
    await this.#fit(size, zoom)
    const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    await this.page.evaluate(drawn)
  }

  #fit([width, height]: readonly [number, number], zoom: number): Promise<void> {
    const at = (side: number) => Math.round((side * 100) / zoom)
    return this.page.setViewportSize({ width: at(width), height: at(height) })
  }

  /** Opens the panel where it is collapsed. */
  async unfold(): Promise<void> {
    if (widthOf(await this.see()) > 36) return
    await this.panel.press(ui.expand, 'Enter')
    await this.seeOpen()
  }

  /** Something that only this load of the panel has. */
  mark(): Promise<unknown> {
    return this.panel.evaluate(() => Object.assign(window, { marked: true }), undefined)
  }

  isMarked(): Promise<boolean> {
    return this.panel.evaluate(() => 'marked' in window, undefined)
  }
}

export const widthOf = ({ panel }: Scene) => (panel ? Math.round(panel.right - panel.left) : 0)
export const heightOf = ({ panel }: Scene) => (panel ? Math.round(panel.bottom - panel.top) : 0)

/** Buttons of the Twitch-shaped page. */
export const twitchs = {
  theatre: '[data-a-target="player-theatre-mode-button"]',
  fullscreen: '[data-a-target="player-fullscreen-button"]',
  toggle: '[data-a-target="right-column__toggle-collapse-btn"]',
  theme: '[aria-label="Toggle theme"]',
  notices: '[aria-label="Notifications"]',
}
