import { accountIdSchema, deviceIdSchema } from '../../../protocol/device'
import type { HostFunctions, MessageView, RoomDelta, RoomView } from '../../../protocol/host-port'
import type { ConnectToHost, HostEvents } from '../../../stores/host'

export const ME = accountIdSchema.parse('meAAAAAAAAAAAAAAAAAAAA')
export const HERON = accountIdSchema.parse('heronAAAAAAAAAAAAAAAAA')
const DEVICE = deviceIdSchema.parse('A'.repeat(43))

export const message = (id: string, more: Partial<MessageView> = {}): MessageView => ({
  id,
  accountId: HERON,
  device: DEVICE,
  name: 'CalmHeron',
  text: `text of ${id}`,
  ms: 1_000,
  mine: false,
  ...more,
})

export const own = (id: string, text: string, ms = 1_000): MessageView =>
  message(id, { accountId: ME, name: 'BraveOtter', mine: true, text, ms })

export const view = (more: Partial<RoomView> = {}): RoomView => ({
  login: 'gamer',
  me: { accountId: ME, name: 'BraveOtter' },
  connection: { state: 'connected', links: 2, server: true },
  members: [{ accountId: ME, name: 'BraveOtter', me: true }],
  messages: [],
  notices: [],
  theme: 'dark',
  collapsed: false,
  ...more,
})

type Said = Awaited<ReturnType<HostFunctions['say']>>

/** A host whose every word the test decides. */
export function fakeHost() {
  const said: { text: string; answer(value: Said): void; die(): void }[] = []
  const calls: string[] = []
  let events: HostEvents | undefined
  let seq = 0

  function listener(): HostEvents {
    if (!events) throw new Error('nobody is attached')
    return events
  }

  const connect: ConnectToHost = (given) => {
    events = given
    return {
      say: (text) =>
        new Promise((resolve, reject) => {
          said.push({ text, answer: resolve, die: () => reject(new Error('port closed')) })
        }),
      setCollapsed: async (collapsed) => void calls.push(`setCollapsed ${collapsed}`),
      reconnectNow: async () => void calls.push('reconnectNow'),
      refresh: async () => void calls.push('refresh'),
      close: () => void calls.push('close'),
    }
  }

  return {
    connect,
    said,
    calls,
    state: (state: 'connecting' | 'open') => listener().onState(state),
    /** Without a number: as if the host had counted on. */
    snapshot(of: RoomView, number = seq): void {
      seq = number
      listener().onSnapshot({ seq, view: of })
    },
    delta(more: Partial<RoomDelta> = {}, number = seq + 1): void {
      seq = number
      listener().onDelta({ changed: {}, newMessages: [], newNotices: [], ...more, seq })
    },
  }
}
