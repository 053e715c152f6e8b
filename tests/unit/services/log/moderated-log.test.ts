import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MessageId } from '../../../../protocol/message'
import type { Act, HeldRuling } from '../../../../protocol/ruling'
import { RulingHistory } from '../../../../protocol/ruling-history'
import type { LoggedMessage } from '../../../../services/log/logged-message'
import { MessageLog } from '../../../../services/log/message-log'
import { accountOf, decided, deviceOf, idOf } from '../../protocol/decided'

const PEOPLE = 3

/** A member's log and what it knows of rulings, put together as `RoomLog` and `Admission` do. */
class Member {
  readonly log = new MessageLog({ pace: { messages: 1_000, ms: 1 } })
  readonly rulings = new RulingHistory()

  hear(one: LoggedMessage | HeldRuling): void {
    if ('ruling' in one) {
      if (this.rulings.add(one)) this.log.remove((message) => this.rulings.moderation.voids(message))
    } else if (!this.rulings.moderation.voids(one)) this.log.add(one)
  }

  /** Both ends pull what the other holds: rulings first, as links do. */
  meet(other: Member): void {
    for (const one of other.rulings.all) this.hear(one)
    for (const one of this.rulings.all) other.hear(one)
    for (const one of other.log.all) this.hear(one)
    for (const one of this.log.all) other.hear(one)
  }

  get visible(): MessageId[] {
    return this.log.all.filter((message) => !this.#isHasty(message)).map(({ id }) => id)
  }

  #isHasty(message: LoggedMessage): boolean {
    const ms = this.rulings.slowAt(message.time.ms) * 1_000
    return ms > 0 && this.log.saidShortlyBefore(message, ms) !== undefined
  }
}

const person = fc.nat(PEOPLE - 1)
const ms = fc.integer({ min: 1, max: 60 }).map((n) => n * 500)
const heard = fc.option(fc.nat(8)).map((seq) => (seq === null ? [] : [{ device: deviceOf(1), seq }]))
const target = person.map((n) => ({ account: accountOf(n), name: `Name${n}` }))
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ target, heard }).map(({ target, heard }): Act => ({ act: 'ban', ...target, heard })),
  fc.record({ target, heard }).map(({ target, heard }): Act => ({ act: 'unban', ...target, heard })),
  fc
    .record({ target, heard, until: ms })
    .map(({ target, heard, until }): Act => ({ act: 'timeout', ...target, heard, until })),
  fc.record({ target, at: ms, n: person, seq: fc.nat(9) }).map(
    ({ target, at, n, seq }): Act => ({
      act: 'delete',
      ...target,
      at,
      message: idOf(n, seq),
    }),
  ),
  ms.map((before): Act => ({ act: 'clear', before })),
  fc.nat(3).map((seconds): Act => ({ act: 'slow', seconds })),
  fc.constant<Act>({ act: 'staff' }),
)
const ruling = fc
  .record({
    act,
    ms,
    by: person,
    role: fc.constantFrom('broadcaster' as const, 'moderator' as const),
    until: fc.nat(30),
  })
  .map(({ act, ...by }) => decided(act, by))

/** Ten messages of everybody, whose stamps rise by what is drawn. */
const messages = fc
  .array(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 10, maxLength: 10 }), {
    minLength: PEOPLE,
    maxLength: PEOPLE,
  })
  .map((people) =>
    people.flatMap((steps, n) => {
      let ms = 0
      return steps.map((step, seq) => {
        ms += step * 500
        return {
          id: idOf(n, seq),
          account: accountOf(n),
          device: deviceOf(n),
          seq,
          time: { ms, count: 0 },
          signed: { bytes: new Uint8Array(), sig: new Uint8Array(64) },
        } as unknown as LoggedMessage
      })
    }),
  )

describe('logs of a moderated room', () => {
  it('show the same, in whatever order messages and decisions came', () => {
    const all = fc
      .record({ rulings: fc.array(ruling, { maxLength: 12 }), messages })
      .chain(({ rulings, messages }) => {
        const whole: (LoggedMessage | HeldRuling)[] = [...messages, ...rulings]
        const order = fc.shuffledSubarray(whole, { minLength: whole.length })
        const share = fc.subarray(whole)
        return fc.tuple(order, order, share)
      })
    fc.assert(
      fc.property(all, ([one, other, share]) => {
        const [ann, bob, cat] = [new Member(), new Member(), new Member()]
        for (const event of one) ann.hear(event)
        for (const event of other) bob.hear(event)
        for (const event of share) cat.hear(event)
        ann.meet(bob)
        cat.meet(ann)
        bob.meet(cat)
        expect(bob.visible).toEqual(ann.visible)
        expect(cat.visible).toEqual(ann.visible)
        expect(bob.rulings.all.map(({ id }) => id)).toEqual(ann.rulings.all.map(({ id }) => id))
      }),
      { numRuns: 300 },
    )
  })

  it('hide what came too soon in a slow room, and show it once what was before it is gone', () => {
    const member = new Member()
    const say = (seq: number, ms: number) =>
      member.hear({
        id: idOf(1, seq),
        account: accountOf(1),
        device: deviceOf(1),
        seq,
        time: { ms, count: 0 },
      } as LoggedMessage)
    member.hear(decided({ act: 'slow', seconds: 2 }, { ms: 1_000 }))
    for (const [seq, ms] of [
      [0, 500],
      [1, 999],
      [2, 2_000],
      [3, 4_000],
      [4, 5_999],
      [5, 8_000],
    ] as const)
      say(seq, ms)
    expect(member.visible).toEqual([0, 1, 3, 5].map((seq) => idOf(1, seq)))
    member.hear(
      decided(
        { act: 'delete', account: accountOf(1), name: 'Name1', message: idOf(1, 3), at: 4_000 },
        { ms: 9_000 },
      ),
    )
    expect(member.visible).toEqual([0, 1, 4, 5].map((seq) => idOf(1, seq)))
  })
})
