/** One frame of a WebSocket (RFC 6455 §5.2), unmasked. */
export interface Frame {
  opcode: number
  isFinal: boolean
  payload: Buffer
  /** As it was on the wire. */
  raw: Buffer
}

export const BINARY = 2
const CONTINUED = 0

/** Cuts a stream of bytes into frames. Extensions must not have been agreed upon: nothing is inflated. */
export class FrameReader {
  #rest = Buffer.alloc(0)

  read(bytes: Buffer): Frame[] {
    this.#rest = Buffer.concat([this.#rest, bytes])
    const frames: Frame[] = []
    for (let frame = frameIn(this.#rest); frame; frame = frameIn(this.#rest)) {
      frames.push(frame)
      this.#rest = this.#rest.subarray(frame.raw.length)
    }
    return frames
  }
}

/** Puts messages together that came in several frames. */
export class MessageReader {
  #opcode = 0
  #parts: Buffer[] = []

  /** The message that this frame ends; `undefined` before, and for control frames. */
  read({ opcode, isFinal, payload }: Frame): { opcode: number; data: Buffer } | undefined {
    if (opcode >= 8) return undefined
    if (opcode !== CONTINUED) this.#opcode = opcode
    this.#parts.push(payload)
    if (!isFinal) return undefined
    return { opcode: this.#opcode, data: Buffer.concat(this.#parts.splice(0)) }
  }
}

/** A whole message as one frame. `mask`: what a client sends must be masked; zeros change nothing. */
export function frameOf(opcode: number, data: Buffer, mask: boolean): Buffer {
  const bit = mask ? 0x80 : 0
  const length =
    data.length < 126
      ? Buffer.from([bit | data.length])
      : data.length < 65_536
        ? Buffer.from([bit | 126, data.length >> 8, data.length & 255])
        : Buffer.concat([Buffer.from([bit | 127, 0, 0, 0, 0]), uint32(data.length)])
  return Buffer.concat([Buffer.from([0x80 | opcode]), length, Buffer.alloc(mask ? 4 : 0), data])
}

function frameIn(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined
  const [first = 0, second = 0] = bytes
  const short = second & 127
  const head = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0)
  const isMasked = second >> 7 === 1
  const start = head + (isMasked ? 4 : 0)
  if (bytes.length < start) return undefined
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  if (bytes.length < start + length) return undefined
  const payload = Buffer.from(bytes.subarray(start, start + length))
  if (isMasked)
    for (let at = 0; at < length; at++) payload[at] = (payload[at] ?? 0) ^ (bytes[head + (at % 4)] ?? 0)
  return { opcode: first & 15, isFinal: first >> 7 === 1, payload, raw: bytes.subarray(0, start + length) }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
