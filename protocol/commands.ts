/** The extension's shortcuts, by their names in the manifest. */
export type CommandName = 'toggle-panel' | 'focus-composer'

/** Sent to the room host, with the command and the tab it was given in. */
export const COMMANDED = { to: 'pages', event: 'commanded' } as const
