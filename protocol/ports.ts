/** Names of the `runtime` ports to the room host. Without schemas, for the content script. */
export const PANEL_PORT = 'panel'
export const PAGE_PORT = 'page'
