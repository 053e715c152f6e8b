import { createPinia } from 'pinia'
import { type Component, createApp } from 'vue'
import { openSettingsKey } from './open-settings'
import { type Translate, translateKey } from './text'
import './theme.css'

/**
 * Mounts an extension page. Language and direction are those of the translation in use, which need not be the
 * browser's: a page whose words are English must not call itself Arabic.
 */
export function mountPage(
  root: Component,
  translate: Translate,
  props: Record<string, unknown> = {},
  openSettings?: () => void,
): void {
  const html = document.documentElement
  html.lang = translate('localeTag')
  html.dir = translate('localeDirection')
  const app = createApp(root, props)
  app.use(createPinia())
  app.provide(translateKey, translate)
  if (openSettings) app.provide(openSettingsKey, openSettings)
  app.mount('#app')
}
