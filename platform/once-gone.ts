import type SimplePeer from 'simple-peer'
import { connectionOf, onceClosed } from './peer-connection'

/**
 * Calls `listener` once when a peer is gone for whatever reason. Its `close` alone will not do: that waits until the
 * stream was read to its end, which a peer that failed early never is. Its connection is closed in any case.
 */
export function onceGone(peer: SimplePeer.Instance, listener: () => void): void {
  let isCalled = false
  const once = () => {
    if (!isCalled) listener()
    isCalled = true
  }
  for (const event of ['error', 'end', 'close']) peer.on(event, once)
  const connection = connectionOf(peer)
  if (connection) onceClosed(connection, once)
}
