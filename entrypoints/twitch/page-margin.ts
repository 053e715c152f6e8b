import { mainContent } from './anchors'

/** The space that Twitch's content leaves for an open panel; given back exactly when it is not needed. */
export class PageMargin {
  #moved: HTMLElement | undefined

  reserve(side: 'left' | 'right', width: number): void {
    const main = mainContent()
    if (width === 0 || !main) return this.clear()
    const property = `margin-${side}`
    const margin = `${width}px`
    if (this.#moved === main && main.style.getPropertyValue(property) === margin) return
    this.clear()
    main.style.setProperty(property, margin)
    this.#moved = main
  }

  clear(): void {
    this.#moved?.style.removeProperty('margin-left')
    this.#moved?.style.removeProperty('margin-right')
    this.#moved = undefined
  }
}
