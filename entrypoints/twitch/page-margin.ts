import type { Side } from '../../services/twitch/placement'
import { mainContent } from './anchors'

/** The space that Twitch's content leaves for an open panel; given back exactly as it was when it is not needed. */
export class PageMargin {
  #moved: HTMLElement | undefined
  #before = ''
  #reserved: { side: Side; width: number } = { side: 'right', width: 0 }

  /** How much room the page's content makes now; one that was drawn anew makes none yet. */
  get reserved(): { side: Side; width: number } {
    const isMade = this.#moved !== undefined && this.#moved === mainContent()
    return { ...this.#reserved, ...(!isMade && { width: 0 }) }
  }

  reserve(side: Side, width: number): void {
    const main = mainContent()
    if (width === 0 || !main) return this.clear()
    const property = `margin-${side}`
    const margin = `${width}px`
    if (this.#moved === main && main.style.getPropertyValue(property) === margin) return
    if (this.#moved !== main || this.#reserved.side !== side) {
      this.clear()
      this.#before = main.style.getPropertyValue(property)
    }
    main.style.setProperty(property, margin)
    this.#moved = main
    this.#reserved = { side, width }
  }

  clear(): void {
    const { style } = this.#moved ?? {}
    style?.removeProperty(`margin-${this.#reserved.side}`)
    if (this.#before) style?.setProperty(`margin-${this.#reserved.side}`, this.#before)
    // An attribute of ours would stay behind, empty.
    if (style?.length === 0) this.#moved?.removeAttribute('style')
    this.#moved = undefined
    this.#before = ''
  }
}
