import { concat, utf8 } from '../../../protocol/bytes'
import { PICTURE_PIXELS } from '../../../protocol/limits'

type Bytes = Uint8Array<ArrayBuffer>
export type Part = [name: string, data: Bytes]

const uint32 = (value: number) => new Uint8Array(new Uint32Array([value]).buffer)

/** A file of these chunks, with lengths as they should be. */
export function riff(parts: readonly Part[], magic = 'WEBP'): Bytes {
  const body = parts.flatMap(([name, data]) => [
    utf8(name),
    uint32(data.length),
    data,
    new Uint8Array(data.length % 2),
  ])
  const payload = concat(utf8(magic), ...body)
  return concat(utf8('RIFF'), uint32(payload.length), payload)
}

/** The chunks of a good file. */
export function partsOf(file: Bytes): Part[] {
  const parts: Part[] = []
  const view = new DataView(file.buffer)
  for (let at = 12; at < file.length; ) {
    const length = view.getUint32(at + 4, true)
    parts.push([new TextDecoder().decode(file.slice(at, at + 4)), file.slice(at + 8, at + 8 + length)])
    at += 8 + length + (length % 2)
  }
  return parts
}

/** `VP8X` with these flags and canvas. */
export function extended(flags: number, width = PICTURE_PIXELS, height = width): Part {
  const sized = (value: number) => uint32(value - 1).slice(0, 3)
  return ['VP8X', concat(new Uint8Array([flags, 0, 0, 0]), sized(width), sized(height))]
}
