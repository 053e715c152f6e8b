import type { Frame } from '../../../../protocol/frames'
import { LOG_LENGTH } from '../../../../protocol/limits'
import { type Member, SimulatedRoom } from './simulated-room'
import { deviceOf, START, said } from './spoken'

/** A room that talks as real ones do: some people, lines of some length. */
export const talk = Array.from({ length: LOG_LENGTH }, (_, index) =>
  said(
    deviceOf(`talker ${index % 40}`),
    Math.floor(index / 40),
    START - (LOG_LENGTH - index) * 700,
    `so many words ${'x'.repeat(index % 50)}`,
  ),
)

export const roomOf = (size: number) => new SimulatedRoom(size, LOG_LENGTH, 1)

export const fill = (member: Member, messages = talk) => {
  for (const message of messages) member.log.add(message)
}

export const heard = <T extends Frame['t']>(member: Member, t: T) =>
  member.heard.filter((frame): frame is Extract<Frame, { t: T }> => frame.t === t)
