const PAGE = 'offscreen.html'

let creating: Promise<void> | undefined

/**
 * Makes sure that Chrome's one offscreen document, the room host, runs; resolves when it takes connections.
 * Firefox needs none: its background page is the host.
 */
export async function ensureOffscreenHost(): Promise<void> {
  creating ??= create().finally(() => {
    creating = undefined
  })
  return creating
}

async function create(): Promise<void> {
  if (await chrome.offscreen.hasDocument()) return
  await chrome.offscreen.createDocument({
    url: PAGE,
    reasons: [chrome.offscreen.Reason.WEB_RTC],
    justification: 'Keeps the peer-to-peer connections of the channel rooms you are in.',
  })
}
