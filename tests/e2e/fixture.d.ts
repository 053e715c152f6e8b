import type {} from 'vitest'

declare global {
  interface Window {
    /** What the Twitch-shaped page offers to tests (tests/fixtures/twitch/js/main.js). */
    fixture: {
      navigate(path: string): void
      rerender(part?: 'chat' | 'view' | 'page'): void
    }
  }
}
