import browser, { type Runtime } from 'webextension-polyfill'
import { type Announcement, ControlError, type ControlPlane, type ControlReply } from '../protocol/control'
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
    case 'renewPassport':
      return plane.renewPassport()
    case 'exportAccount':
      return plane.exportAccount()
    case 'deleteAccount':
      return plane.deleteAccount()
    case 'icePass':
      return plane.icePass()
    case 'socketPass':
      return plane.socketPass(...message.args)
    case 'exportHistory':
      return plane.exportHistory()
    case 'clearHistory':
      return plane.clearHistory()
    case 'picture':
      return plane.picture()
    case 'nameAvailability':
      return plane.nameAvailability(...message.args)
    case 'suggestNames':
      return plane.suggestNames(...message.args)
    case 'rename':
      return plane.rename(...message.args)
    case 'setPicture':
      return plane.setPicture(...message.args)
    case 'removePicture':
      return plane.removePicture()
    case 'devices':
      return plane.devices()
    case 'endDevice':
      return plane.endDevice(...message.args)
    case 'twitchLink':
      return plane.twitchLink()
    case 'openTwitchPage':
      return plane.openTwitchPage()
    case 'linkTwitch':
      return plane.linkTwitch()
    case 'unlinkTwitch':
      return plane.unlinkTwitch()
    case 'showTwitch':
      return plane.showTwitch(...message.args)
    case 'role':
      return plane.role(...message.args)
    case 'privacy':
      return plane.privacy()
    case 'showCalls':
      return plane.showCalls(...message.args)
    case 'setDirect':
      return plane.setDirect(...message.args)
    case 'emotesAllowed':
      return plane.emotesAllowed()
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

/** Tells every open extension page what has changed. Nobody listening is no fault. */
export function announce(announcement: Announcement): void {
  browser.runtime.sendMessage(announcement).catch(() => {})
}
