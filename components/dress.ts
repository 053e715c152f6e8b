import { watch, watchEffect } from 'vue'
import { useAppearanceStore } from '../stores/appearance'

/** Has the page follow the viewer's text size and the look of lines. Once the page's stores are there. */
export function followTextSize(): void {
  const appearance = useAppearanceStore()
  watchEffect(() => {
    const { dataset } = document.documentElement
    dataset.textSize = appearance.textSize
    dataset.density = appearance.density
    dataset.times = appearance.times
  })
}

/** Begins the page anew in another language. `prepare` resolves with whether its words are other ones then. */
export function followLanguage(prepare: (language: string) => Promise<boolean>): void {
  const appearance = useAppearanceStore()
  watch(
    () => appearance.language,
    async (language) => {
      if (await prepare(language)) location.reload()
    },
  )
}

/** Has a page beside no Twitch follow the viewer's theme and text size; the system's theme where they chose none. */
export function followAppearance(): void {
  const appearance = useAppearanceStore()
  const light = matchMedia('(prefers-color-scheme: light)')
  const dress = () => {
    const own = light.matches ? 'light' : 'dark'
    document.documentElement.dataset.theme = appearance.theme === 'auto' ? own : appearance.theme
  }
  light.addEventListener('change', dress)
  watchEffect(dress)
  followTextSize()
}
