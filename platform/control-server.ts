import browser, { type Runtime } from 'webextension-polyfill'
import {
  ControlError,
  type ControlPlane,
  type ControlReply,
  type HISTORY_CLEARED,
  type IDENTITY_CHANGED,
} from '../protocol/control'
import { type ControlCall, controlCallSchema } from '../protocol/control-call'
import { isOwnPage, isTwitchPage } from './extension-sender'

/** Answers control calls in the background. Everything but `ensureHost` is for our own pages only. */
export function serveControlPlane(plane: ControlPlane): void {
  browser.runtime.onMessage.addListener((message: unknown, sender: Runtime.MessageSender) => {
    if (!isForBackground(message)) return undefined
    const call = controlCallSchema.safeParse(message)
    if (!call.success) return Promise.resolve(refusal(new ControlError('invalid_request')))
    const mayCall = isOwnPage(sender) || (call.data.call === 'ensureHost' && isTwitchPage(sender))
    if (!mayCall) return undefined
    return answer(plane, call.data).then((value): ControlReply => ({ ok: true, value }), refusal)
  })
}

const isForBackground = (message: unknown): boolean =>
  typeof message === 'object' && message !== null && 'to' in message && message.to === 'background'

function answer(plane: ControlPlane, message: ControlCall): Promise<unknown> {
  switch (message.call) {
    case 'ensureHost':
      return plane.ensureHost()
    case 'identity':
      return plane.identity()
    case 'requestCode':
      return plane.requestCode(...message.args)
    case 'submitCode':
      return plane.submitCode(...message.args)
    case 'cancelSignIn':
      return plane.cancelSignIn()
    case 'signOut':
      return plane.signOut()
    case 'credentials':
      return plane.credentials(...message.args)
    case 'socketPass':
      return plane.socketPass(...message.args)
    case 'exportHistory':
      return plane.exportHistory()
    case 'clearHistory':
      return plane.clearHistory()
  }
}

function refusal(error: unknown): ControlReply {
  if (error instanceof ControlError)
    return {
      ok: false,
      code: error.code,
      ...(error.retryAfter !== undefined && { retryAfter: error.retryAfter }),
    }
  return { ok: false, code: 'internal' }
}

/** Tells every open extension page that the identity changed, or that the history is gone. Nobody listening is no fault. */
export function announce(announcement: typeof IDENTITY_CHANGED | typeof HISTORY_CLEARED): void {
  browser.runtime.sendMessage(announcement).catch(() => {})
}
