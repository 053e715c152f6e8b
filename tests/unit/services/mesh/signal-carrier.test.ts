import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DeviceId } from '../../../../protocol/device'
import { ANOTHER_WAY_MS, SignalCarrier } from '../../../../services/mesh/signal-carrier'
import { VirtualClock } from '../../world/virtual-clock'

const BEN = 'ben' as DeviceId
const OFFER = Uint8Array.of(1)
const ANSWER = Uint8Array.of(2)

let clock: VirtualClock
let carrier: SignalCarrier
/** What the world is like: whether there is a way over links, a neighbour, a room object. */
let ways: { route: boolean; neighbours: boolean; room: boolean }
let sent: [way: string, envelope: Uint8Array][]
let isUnanswered: boolean

beforeEach(() => {
  clock = new VirtualClock()
  ways = { route: true, neighbours: true, room: true }
  sent = []
  isUnanswered = true
  carrier = new SignalCarrier({
    clock,
    hasRoute: () => ways.route,
    hasNeighbours: () => ways.neighbours,
    alongLinks: (to, envelope, everywhere) => {
      expect(to).toBe(BEN)
      sent.push([everywhere ? 'everywhere' : 'route', envelope])
    },
    throughRoom: (_, envelope) => {
      if (ways.room) sent.push(['room', envelope])
      return ways.room
    },
  })
})
afterEach(() => {
  carrier.close()
  expect(clock.pending).toBe(0)
})

const offer = () => carrier.send(BEN, OFFER, { isUnanswered: () => isUnanswered })
const answer = () => carrier.send(BEN, ANSWER, {})
/** By which ways it went, and when. */
function waysTaken(ms = 10 * ANOTHER_WAY_MS): string[] {
  const taken: string[] = []
  for (let passed = 0; passed <= ms; passed += 500) {
    for (const [way] of sent.splice(0)) taken.push(`${passed} ${way}`)
    clock.advance(500)
  }
  return taken
}

describe('an offer', () => {
  it('goes over links, then through the room object, then over all links, while nobody answers', () => {
    expect(offer()).toBe(true)
    expect(waysTaken()).toEqual(['0 route', `${ANOTHER_WAY_MS} room`, `${2 * ANOTHER_WAY_MS} everywhere`])
  })

  it('is the same envelope each time, so that whoever gets it twice looks at it once', () => {
    offer()
    clock.advance(2 * ANOTHER_WAY_MS)
    expect(sent.map(([, envelope]) => envelope)).toEqual([OFFER, OFFER, OFFER])
    expect(sent.every(([, envelope]) => envelope === OFFER)).toBe(true)
  })

  it('goes no other way once it is answered', () => {
    offer()
    clock.advance(ANOTHER_WAY_MS - 1)
    isUnanswered = false
    expect(waysTaken()).toEqual(['0 route'])
    isUnanswered = true
    offer()
    clock.advance(ANOTHER_WAY_MS)
    isUnanswered = false
    expect(waysTaken()).toEqual(['0 route', '0 room'])
  })

  it('goes through the room object first where there is no way over links', () => {
    ways.route = false
    offer()
    expect(waysTaken()).toEqual(['0 room', `${ANOTHER_WAY_MS} everywhere`])
  })

  it('goes over all links where the room object is gone, and at once when there is nothing else', () => {
    ways.room = false
    offer()
    expect(waysTaken()).toEqual(['0 route', `${ANOTHER_WAY_MS} everywhere`])
    ways.route = false
    offer()
    expect(waysTaken()).toEqual(['0 everywhere'])
  })

  it('goes no way when there is none, and says so', () => {
    ways = { route: false, neighbours: false, room: false }
    expect(offer()).toBe(false)
    expect(waysTaken()).toEqual([])
  })

  it('takes a way that opens up meanwhile', () => {
    ways = { route: true, neighbours: true, room: false }
    offer()
    ways.room = true
    expect(waysTaken()).toEqual(['0 route', `${ANOTHER_WAY_MS} room`, `${2 * ANOTHER_WAY_MS} everywhere`])
  })

  it('begins with the room object when that is how its addressee’s last signal came', () => {
    carrier.came(BEN, 'room')
    offer()
    expect(waysTaken()).toEqual(['0 room', `${ANOTHER_WAY_MS} route`, `${2 * ANOTHER_WAY_MS} everywhere`])
    clock.advance(60_000)
    offer()
    expect(waysTaken()[0]).toBe('0 route')
  })
})

describe('an answer', () => {
  it('goes back the way the offer came, once', () => {
    carrier.came(BEN, 'room')
    expect(answer()).toBe(true)
    expect(waysTaken()).toEqual(['0 room'])
    carrier.came(BEN, 'links')
    answer()
    expect(waysTaken()).toEqual(['0 route'])
  })

  it('goes another way when that one is gone', () => {
    carrier.came(BEN, 'room')
    ways.room = false
    answer()
    expect(waysTaken()).toEqual(['0 route'])
  })

  it('goes once more, the other way, when its offer comes again by that', () => {
    carrier.came(BEN, 'links')
    answer()
    carrier.cameAgain(BEN, 'room')
    carrier.cameAgain(BEN, 'links')
    carrier.cameAgain(BEN, 'room')
    expect(sent).toEqual([
      ['route', ANSWER],
      ['room', ANSWER],
    ])
  })

  it('does not go again when its offer comes again the same way, or there was none', () => {
    carrier.cameAgain(BEN, 'links')
    carrier.came(BEN, 'links')
    answer()
    carrier.cameAgain(BEN, 'links')
    expect(waysTaken()).toEqual(['0 route'])
  })

  it('of long ago does not go again', () => {
    carrier.came(BEN, 'links')
    answer()
    clock.advance(60_000)
    carrier.cameAgain(BEN, 'room')
    expect(waysTaken()).toEqual(['0 route'])
  })
})

describe('a carrier that is closed', () => {
  it('leaves nothing behind', () => {
    offer()
    answer()
    expect(clock.pending).toBe(1)
    carrier.close()
    expect(clock.pending).toBe(0)
    expect(waysTaken()).toEqual(['0 route', '0 route'])
  })
})
