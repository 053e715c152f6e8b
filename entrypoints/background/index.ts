import { defineBackground } from 'wxt/utils/define-background'
import type { HostSignals } from '../offscreen/host'
import { startControlPlane } from './control'

export default defineBackground({
  persistent: true,
  main() {
    // Chrome's service worker has no WebRTC: there an offscreen document is the host.
    if (!import.meta.env.FIREFOX) return void startControlPlane()
    let changed = () => {}
    let cleared = () => {}
    let reachedOtherwise = () => {}
    let emotesAllowed = () => {}
    let commanded: Parameters<HostSignals['onCommand']>[0] = () => {}
    const plane = startControlPlane(async () => {}, {
      identityChanged: () => changed(),
      historyCleared: () => cleared(),
      privacyChanged: () => reachedOtherwise(),
      emotesChanged: () => emotesAllowed(),
      commanded: (name, tab) => commanded(name, tab),
    })
    // Imported in this branch alone, so that the mesh stays out of Chrome's bundle.
    void import('../offscreen/host').then(({ startHost }) =>
      startHost(plane, {
        onIdentityChanged: (listener) => {
          changed = listener
        },
        onHistoryCleared: (listener) => {
          cleared = listener
        },
        onPrivacyChanged: (listener) => {
          reachedOtherwise = listener
        },
        onEmotesChanged: (listener) => {
          emotesAllowed = listener
        },
        onCommand: (listener) => {
          commanded = listener
        },
      }),
    )
  },
})
