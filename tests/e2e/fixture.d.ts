import type {} from 'vitest'

declare global {
  interface Window {
    /** What the Twitch-shaped page offers to tests (tests/fixtures/twitch/js/main.js). */
    fixture: {
      navigate(path: string): void
      rerender(part?: 'chat' | 'view' | 'page'): void
      /** Adds a line to chat. */
      say(name: string, text: string): void
      /** Keys that the page took for its hotkeys. */
      pressed: string[]
      /** What its scripts found in the server's tree and did not know. */
      strangers: string[]
    }
  }
}
