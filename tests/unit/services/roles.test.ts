import { beforeEach, describe, expect, it } from 'vitest'
import type { RolePass } from '../../../protocol/control'
import { accountIdSchema } from '../../../protocol/device'
import { PRESENCE_INTERVAL_MS } from '../../../protocol/limits'
import type { Role } from '../../../protocol/role'
import { channelRoom } from '../../../protocol/room-id'
import { OwnRole } from '../../../services/own-role'
import { RoomRoles } from '../../../services/roles'
import { settled } from '../stores/fake-host'
import { ROOM, RoomWorld } from '../world/room-world'
import { until, VirtualClock } from '../world/virtual-clock'

const HOUR = 3_600_000
const ANN = accountIdSchema.parse('A'.repeat(22))
const BOB = accountIdSchema.parse(`B${'A'.repeat(21)}`)
const OTHER_ROOM = channelRoom('another')

/** Time passes, and what it led to is done. */
async function wait(clock: VirtualClock, ms: number): Promise<void> {
  clock.advance(ms)
  await settled()
}

describe('roles in a room', () => {
  let clock: VirtualClock
  let roles: RoomRoles
  let changes: number
  let checks: number

  /** A grant whose words are its claims; `void` ones do not verify. */
  const grant = (sub: string, role: Role, hours = 24, room = ROOM) =>
    JSON.stringify({ sub, room, role, channel: '1', iat: 0, exp: (clock.now() + hours * HOUR) / 1000 })

  beforeEach(() => {
    clock = new VirtualClock()
    changes = checks = 0
    roles = new RoomRoles({
      clock,
      room: ROOM,
      verify: async (jwt) => {
        checks++
        return JSON.parse(jwt)
      },
      onChange: () => changes++,
    })
  })

  it('are the grants of those who show them, the highest in front', async () => {
    expect(roles.of(ANN)).toBeNull()
    await roles.learn(grant(ANN, 'moderator'), ANN)
    expect(roles.of(ANN)).toBe('moderator')
    await roles.learn(grant(ANN, 'broadcaster'), ANN)
    expect(roles.of(ANN)).toBe('broadcaster')
    await roles.learn(grant(ANN, 'moderator', 25), ANN)
    expect(roles.of(ANN)).toBe('broadcaster')
    expect(changes).toBe(2)
    expect(roles.of(BOB)).toBeNull()
  })

  it('are nobody’s for the grant of somebody else, of another room, or of nobody', async () => {
    await roles.learn(grant(ANN, 'moderator'), BOB)
    await roles.learn(grant(ANN, 'moderator', 24, OTHER_ROOM), ANN)
    await roles.learn('no grant', ANN)
    expect([roles.of(ANN), roles.of(BOB), changes]).toEqual([null, null, 0])
  })

  it('end with their grants, the higher perhaps before the lower', async () => {
    await roles.learn(grant(ANN, 'broadcaster', 1), ANN)
    await roles.learn(grant(ANN, 'moderator', 2), ANN)
    expect(roles.of(ANN)).toBe('broadcaster')
    await wait(clock, HOUR)
    expect(roles.of(ANN)).toBe('moderator')
    await wait(clock, HOUR)
    expect(roles.of(ANN)).toBeNull()
  })

  it('are checked once for each grant, however often it is shown', async () => {
    const shown = grant(ANN, 'moderator')
    for (let times = 0; times < 5; times++) await roles.learn(shown, ANN)
    expect([checks, changes]).toEqual([1, 1])
    await roles.learn(grant(ANN, 'moderator', 25), ANN)
    expect([checks, changes]).toEqual([2, 1])
  })

  it('are remembered of a thousand members at most', async () => {
    const account = (n: number) => accountIdSchema.parse(`${String(n).padStart(21, '0')}A`)
    for (let n = 0; n <= 1_000; n++) await roles.learn(grant(account(n), 'moderator'), account(n))
    expect([roles.of(account(0)), roles.of(account(1)), roles.of(account(1_000))]).toEqual([
      null,
      'moderator',
      'moderator',
    ])
  })
})

describe('our own role', () => {
  let clock: VirtualClock
  let pass: RolePass | Error
  let asked: number
  let changes: number
  let own: OwnRole

  beforeEach(() => {
    clock = new VirtualClock()
    pass = { role: null, grant: null, askAgainAt: 0 }
    asked = changes = 0
    own = new OwnRole({
      clock,
      random: () => 0.5,
      fetch: async () => {
        asked++
        if (pass instanceof Error) throw pass
        return pass
      },
      onChange: () => changes++,
    })
  })

  it('is asked for again when the Worker says, but neither at once nor never', async () => {
    pass = { role: 'moderator', grant: 'one', askAgainAt: clock.now() + 15 * 60_000 }
    own.ask()
    await settled()
    expect([own.grant, asked, changes]).toEqual(['one', 1, 1])
    pass = { role: 'moderator', grant: 'two', askAgainAt: 0 }
    await wait(clock, 14 * 60_000)
    expect(asked).toBe(1)
    await wait(clock, 60_000)
    expect([own.grant, asked, changes]).toEqual(['two', 2, 2])
    pass = { role: null, grant: null, askAgainAt: clock.now() + 100 * HOUR }
    await wait(clock, 59_000)
    expect(asked).toBe(2)
    await wait(clock, 1_000)
    expect([own.grant, asked, changes]).toEqual([null, 3, 3])
    await wait(clock, HOUR)
    expect([asked, changes]).toEqual([4, 3])
  })

  it('stays while nobody can be asked, and is asked for again', async () => {
    pass = { role: 'moderator', grant: 'one', askAgainAt: 0 }
    own.ask()
    await settled()
    pass = new Error('away')
    await wait(clock, 60_000)
    expect([own.grant, asked]).toEqual(['one', 2])
    pass = { role: null, grant: null, askAgainAt: 0 }
    await wait(clock, 5 * 60_000)
    expect(own.grant).toBeNull()
  })

  it('is asked for once at a time, and never after the end', async () => {
    own.ask()
    own.ask()
    await settled()
    expect(asked).toBe(1)
    own.close()
    own.ask()
    await wait(clock, 10 * HOUR)
    expect(asked).toBe(1)
  })
})

describe('a room', () => {
  it('learns the role of a member who shows their Twitch account, and of no other', async () => {
    const world = await RoomWorld.create()
    const [ann, bob, eve] = await Promise.all(
      ['Ann', 'Bob', 'Eve'].map((name) => world.registrar.person(name)),
    )
    if (!ann || !bob || !eve) throw new Error('nobody there')
    const granted = async (person: typeof ann, role: Role, room = ROOM): Promise<RolePass> => ({
      role,
      grant: await world.registrar.roleGrant(person, room, role, world.clock.now()),
      askAgainAt: Number.POSITIVE_INFINITY,
    })
    const annPass = await granted(ann, 'broadcaster')
    const bobPass = await granted(bob, 'moderator')
    await world.enter(ann, { twitch: 'ann', role: async () => annPass })
    await world.enter(bob, { role: async () => bobPass })
    // Shows somebody else's.
    const thief = await world.enter(eve, { twitch: 'eve', role: async () => annPass })
    await until(world.clock, () => world.isWhole(), 'everybody is here')
    const knowAnn = () =>
      world.viewers.every(({ session }) => session.people.roleOf(ann.accountId) === 'broadcaster')
    await until(world.clock, knowAnn, 'everybody knows the broadcaster')
    // Everybody has said who they are once more.
    const end = world.clock.now() + 2 * PRESENCE_INTERVAL_MS
    await until(world.clock, () => world.clock.now() >= end, 'two minutes', 1_000)
    for (const { session } of world.viewers) {
      expect(session.people.roleOf(ann.accountId)).toBe('broadcaster')
      expect(session.people.roleOf(bob.accountId)).toBeNull()
      expect(session.people.roleOf(eve.accountId)).toBeNull()
      expect(session.faults.size).toBe(0)
    }
    expect(thief.changes.some(({ t }) => t === 'members')).toBe(true)
    await world.close()
  })
})
