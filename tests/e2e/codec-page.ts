import { pictureCodec } from '../../platform/picture-codec'
import { PictureError } from '../../protocol/picture-codec'
import { checkStructure } from '../../worker/pictures/webp'

/** What became of a file: the colours of the corners (each channel of 0 to 10), or why nothing did. */
export type Outcome =
  | { from: string; corners: string[]; bytes: number; refused: string | null }
  | { fault: string }

type Draw = (context: OffscreenCanvasRenderingContext2D, width: number, height: number) => void

const never = new AbortController().signal

async function canvas(width: number, height: number, draw: Draw, type = 'image/png'): Promise<Blob> {
  const surface = new OffscreenCanvas(width, height)
  const context = surface.getContext('2d')
  if (!context) throw new Error('no canvas')
  draw(context, width, height)
  return surface.convertToBlob({ type, quality: 0.9 })
}

const CORNERS = ['#f00', '#0f0', '#00f', '#fff']
/** Red, green, blue and white, as one reads. */
const corners: Draw = (context, width, height) => {
  for (const [index, colour] of CORNERS.entries()) {
    context.fillStyle = colour
    context.fillRect((index % 2) * (width / 2), Math.floor(index / 2) * (height / 2), width / 2, height / 2)
  }
}

const noise =
  (withAlpha: boolean): Draw =>
  (context, width, height) => {
    const image = context.createImageData(width, height)
    for (let at = 0; at < image.data.length; at += 65_536)
      crypto.getRandomValues(image.data.subarray(at, at + 65_536))
    if (!withAlpha) for (let at = 3; at < image.data.length; at += 4) image.data[at] = 255
    context.putImageData(image, 0, 0)
  }

/** A photograph as a camera held sideways writes it: the pixels as they lie, and how to turn them (EXIF). */
async function turned(width: number, height: number, orientation: number): Promise<Blob> {
  const jpeg = new Uint8Array(await (await canvas(width, height, corners, 'image/jpeg')).arrayBuffer())
  const tiff = [
    0x4d,
    0x4d,
    0,
    0x2a,
    0,
    0,
    0,
    8,
    0,
    1,
    1,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
  ]
  const exif = [0xff, 0xe1, 0, tiff.length + 8, 0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff]
  return new Blob([jpeg.slice(0, 2), new Uint8Array(exif), jpeg.slice(2)], { type: 'image/jpeg' })
}

/** Two frames, red and blue, 100 ms apart, for ever. */
function animation(): Blob {
  const text = (words: string) => [...words].map((letter) => letter.charCodeAt(0))
  const head = [...text('GIF89a'), 2, 0, 2, 0, 0x91, 0, 0, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0, 0]
  const loop = [0x21, 0xff, 11, ...text('NETSCAPE2.0'), 3, 1, 0, 0, 0]
  const frame = (...data: number[]) => [
    0x21,
    0xf9,
    4,
    0,
    10,
    0,
    0,
    0,
    0x2c,
    0,
    0,
    0,
    0,
    2,
    0,
    2,
    0,
    0,
    2,
    3,
    ...data,
    0,
  ]
  return new Blob(
    [new Uint8Array([...head, ...loop, ...frame(0x04, 0x08, 0x14), ...frame(0x4c, 0x98, 0x14), 0x3b])],
    {
      type: 'image/gif',
    },
  )
}

const svg = (size: string) =>
  new Blob(
    [
      `<svg xmlns="http://www.w3.org/2000/svg" ${size}><rect width="100%" height="50%" fill="red"/><rect y="50%" width="100%" height="50%" fill="blue"/></svg>`,
    ],
    { type: 'image/svg+xml' },
  )

const FILES: Record<string, () => Promise<Blob> | Blob> = {
  png: () => canvas(100, 100, corners),
  webp: () => canvas(300, 300, corners, 'image/webp'),
  photograph: () => turned(400, 300, 6),
  'large photograph': () => turned(4_000, 3_000, 6),
  'upside down': () => turned(300, 400, 3),
  transparent: () =>
    canvas(300, 300, (context) => {
      context.fillStyle = '#f008'
      context.fillRect(0, 0, 150, 300)
    }),
  animation,
  'one pixel': () => canvas(1, 1, corners),
  vector: () => svg('viewBox="0 0 10 20"'),
  'vector without a size': () => svg(''),
  noise: () => canvas(256, 256, noise(false)),
  'transparent noise': () => canvas(256, 256, noise(true)),
  'too many pixels': () => canvas(8_001, 8_000, () => {}, 'image/png'),
  text: () => new Blob(['hello'], { type: 'image/png' }),
  nothing: () => new Blob([], { type: 'image/png' }),
}

async function outcomeOf(file: Blob): Promise<Outcome> {
  try {
    const open = await pictureCodec.open(file, never)
    const size = Math.min(open.width, open.height)
    const crop = { x: (open.width - size) / 2, y: (open.height - size) / 2, size }
    const webp = await pictureCodec.encode(open, crop, never)
    open.close()
    return {
      from: `${open.width}×${open.height}`,
      corners: await look(webp),
      bytes: webp.length,
      refused: refusalOf(webp),
    }
  } catch (error) {
    if (error instanceof PictureError) return { fault: error.code }
    throw error
  }
}

/** What the Worker would say to it. */
function refusalOf(webp: Uint8Array): string | null {
  try {
    checkStructure(webp)
    return null
  } catch (error) {
    return String(error)
  }
}

async function look(webp: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const bitmap = await createImageBitmap(new Blob([webp], { type: 'image/webp' }))
  const context = new OffscreenCanvas(256, 256).getContext('2d')
  context?.drawImage(bitmap, 0, 0)
  const at = (x: number, y: number) =>
    [...(context?.getImageData(x, y, 1, 1).data ?? [])].map((channel) => Math.round(channel / 25.5)).join(' ')
  return [at(20, 20), at(236, 20), at(20, 236), at(236, 236)]
}

async function readAll(): Promise<Record<string, Outcome>> {
  const outcomes: Record<string, Outcome> = {}
  for (const [name, make] of Object.entries(FILES)) outcomes[name] = await outcomeOf(await make())
  return outcomes
}

Object.assign(globalThis, { readAll })
