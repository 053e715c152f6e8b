import { join, relative } from 'node:path'
import { converse } from './conversation.ts'
import { root, sidestreamDir } from './paths.ts'
import { step } from './progress.ts'
import { startTwitch, twitchOrigin } from './twitch.ts'
import { openWindow } from './window.ts'
import type { RunningWorker } from './worker.ts'

/** What has been started already, and a list for what must be stopped again. */
export interface Stage {
  worker: RunningWorker
  extensionDir: string
  undo: (() => Promise<unknown>)[]
}

/** Opens a browser for the person at this machine and returns when they have closed it. */
export async function showWindow({ extensionDir, undo }: Stage): Promise<void> {
  const online = await step('Looking for Twitch', twitchAnswers)
  const twitch = online ? undefined : await startTwitch()
  if (twitch) {
    undo.push(() => twitch.stop())
    console.log('  Twitch is out of reach: showing a Twitch-shaped page at its origin instead.')
  }
  const profileDir = join(sidestreamDir, online ? 'profile' : 'profile-offline')
  const url = online ? twitchOrigin : `${twitchOrigin}/lumenfox`
  const window = await openWindow({ extensionDir, profileDir, url, twitch })
  undo.push(() => window.close())
  console.log(
    `\nA browser with Sidestream is open at ${url}. Open a channel, and the panel is beside its chat.`,
  )
  console.log('Sign in with any address: the mail with the code is named here as it arrives.')
  console.log('Close the browser or press Ctrl-C to end everything.')
  await window.closed
}

/** Shows without a display what Sidestream does: two viewers, a conversation, a picture. */
export async function showHeadless({ worker, extensionDir, undo }: Stage): Promise<void> {
  const twitch = await startTwitch()
  undo.push(() => twitch.stop())
  const screenshot = join(sidestreamDir, 'screenshot.png')
  const seen = await step('Two viewers on a Twitch-shaped page', () =>
    converse({
      extensionDir,
      twitch,
      outbox: worker.outbox,
      screenshot: screenshot as `${string}.png`,
      onProgress: (what) => console.log(`  ${what}`),
    }),
  )
  console.log(`
There is no display here, so two headless viewers did what people would: each signed in by e-mail code on
${twitchOrigin}/lumenfox (a Twitch-shaped page at Twitch's own origin) and ${seen.length} messages went from browser to
browser. How it looked: ${relative(root, screenshot)}
`)
}

async function twitchAnswers(): Promise<boolean> {
  try {
    await fetch(twitchOrigin, { method: 'HEAD', signal: AbortSignal.timeout(4_000) })
    return true
  } catch {
    return false
  }
}
