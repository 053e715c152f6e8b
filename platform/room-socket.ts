import { SOCKET_PONG } from '../protocol/room-socket'
import type { OpenSocket } from '../services/room/introducer'

/** Opens a WebSocket to a room object. */
export const openRoomSocket: OpenSocket = ({ url, protocols }, events) => {
  const socket = new WebSocket(url, protocols)
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('open', () => events.onOpen())
  socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (data instanceof ArrayBuffer) events.onMessage(new Uint8Array(data))
    else if (data === SOCKET_PONG) events.onPong()
  })
  socket.addEventListener('close', ({ code }) => events.onClose(code))
  return {
    send: (data) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(data)
    },
    close: () => socket.close(1000),
  }
}
