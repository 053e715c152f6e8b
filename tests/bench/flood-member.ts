import type { Credentials } from '../../protocol/control'
import type { RoomId } from '../../protocol/room-id'
import type { Clock } from '../../services/clock'
import type { Socket } from '../../services/room/introducer'
import type { RoomSession } from '../../services/room/room-session'
import { BenchMember } from './bench-member'

/** A flooder waits for nothing longer than this (ms). */
const PATIENCE_MS = 1_500

/** A member with an account, a passport and a session of its own, which turns on the room it is in. */
export class FloodMember {
  readonly #member: BenchMember
  #room: RoomId | undefined
  #session: RoomSession | undefined
  #credentials: Credentials | undefined
  #socket: Socket | undefined
  #isPatient = true

  private constructor(member: BenchMember) {
    this.#member = member
  }

  /** `code`: what was mailed to `email`. */
  static async signIn(
    origin: string,
    email: string,
    code: (email: string) => Promise<string>,
  ): Promise<FloodMember> {
    return new FloodMember(await BenchMember.signIn(origin, email, code))
  }

  get session(): RoomSession {
    if (!this.#session) throw new Error('not in a room')
    return this.#session
  }

  get room(): RoomId {
    if (!this.#room) throw new Error('not in a room')
    return this.#room
  }

  get passport(): string {
    return this.#credentials?.passport ?? ''
  }

  get now(): number {
    return this.#member.clock.now()
  }

  opener() {
    return this.#member.opener()
  }

  signer() {
    return this.#member.signer()
  }

  /** Joins like anybody, and agrees to direct links. */
  async enter(room: RoomId): Promise<void> {
    this.#credentials = await this.#member.credentials()
    this.#room = room
    this.#session = await this.#member.enter(room, this.#credentials, {
      clock: this.#impatient,
      onSocket: (socket) => {
        this.#socket = socket
      },
    })
  }

  /** From now on it keeps to no pause, and tries whatever it lost again. */
  turn(): void {
    this.#isPatient = false
  }

  /** Says something to the room object, past all that paces a member. */
  tellRoom(bytes: Uint8Array<ArrayBuffer>): void {
    this.#socket?.send(bytes)
  }

  leave(): Promise<void> {
    return this.session.leave()
  }

  get #impatient(): Clock {
    const { clock } = this.#member
    return {
      now: () => clock.now(),
      after: (ms, task) => clock.after(this.#isPatient ? ms : Math.min(ms, PATIENCE_MS), task),
    }
  }
}
