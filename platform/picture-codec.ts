import { MAX_PICTURE_BYTES, PICTURE_PIXELS } from '../protocol/limits'
import { PICTURE_TYPE } from '../protocol/picture'
import { type Crop, type OpenPicture, type PictureCodec, PictureError } from '../protocol/picture-codec'
import { imageOnly } from './webp-container'

/** A photograph of a good camera is half of it (bytes). */
const MAX_FILE_BYTES = 20_000_000
/** Four bytes each while it is decoded: a quarter of a gigabyte, and more than cameras have. */
const MAX_PIXELS = 64_000_000
/** The longer side of what is kept for cropping. */
const MAX_SIDE = 2_048
/** What has no size of its own is drawn at this one. */
const VECTOR_SIDE = 1_024
/** Tried from the best on; 1 would mean lossless to some browsers. */
const QUALITIES = [0.92, 0.85, 0.75, 0.6, 0.45, 0.3, 0.15, 0.05]

/** Reads whatever image the browser can decode, and writes profile pictures. */
export const pictureCodec: PictureCodec = {
  async open(file, signal) {
    if (file.size > MAX_FILE_BYTES) throw new PictureError('picture_file_too_large')
    const url = URL.createObjectURL(file)
    try {
      const image = await loaded(url, signal)
      const bitmap = await decoded(file, image, sizeOf(file, image))
      if (signal.aborted) bitmap.close()
      signal.throwIfAborted()
      return { width: bitmap.width, height: bitmap.height, bitmap, close: () => bitmap.close() }
    } finally {
      URL.revokeObjectURL(url)
    }
  },

  async encode(picture, crop, signal) {
    const canvas = shrunk(picture, crop)
    for (const quality of QUALITIES) {
      const blob = await canvas.convertToBlob({ type: PICTURE_TYPE, quality }).catch((error: unknown) => {
        throw new PictureError('picture_file_unreadable', error)
      })
      // A browser that cannot do what is asked writes PNG.
      if (blob.type !== PICTURE_TYPE) throw new PictureError('picture_no_encoder')
      const file = imageOnly(new Uint8Array(await blob.arrayBuffer()))
      signal.throwIfAborted()
      if (file.length <= MAX_PICTURE_BYTES) return file
    }
    throw new PictureError('picture_too_detailed')
  },
}

/** An element that knows the size from the file's header: nothing of it is decoded before that is checked. */
function loaded(url: string, signal: AbortSignal): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const image = new Image()
    image.decoding = 'async'
    image.onload = () => resolve(image)
    image.onerror = () => reject(new PictureError('picture_file_unreadable'))
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    signal.throwIfAborted()
    image.src = url
  })
}

type Draw = (context: OffscreenCanvasRenderingContext2D) => void

interface Size {
  width: number
  height: number
}

const isVector = (file: Blob) => file.type.startsWith('image/svg')

/** How large it is drawn. The element's size is that of the upright picture. */
function sizeOf(file: Blob, { naturalWidth, naturalHeight }: HTMLImageElement): Size {
  const width = naturalWidth || VECTOR_SIDE
  const height = naturalHeight || VECTOR_SIDE
  if (!isVector(file) && width * height > MAX_PIXELS) throw new PictureError('picture_too_many_pixels')
  const scale =
    (isVector(file) ? VECTOR_SIDE : Math.min(MAX_SIDE, Math.max(width, height))) / Math.max(width, height)
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/**
 * The first frame, upright. From the element and not from the file, of which Firefox cannot read every kind; vectors are
 * drawn, because Chromium makes empty bitmaps of some.
 */
async function decoded(file: Blob, image: HTMLImageElement, { width, height }: Size): Promise<ImageBitmap> {
  const options: ImageBitmapOptions = {
    imageOrientation: 'from-image',
    resizeWidth: width,
    resizeHeight: height,
    resizeQuality: 'high',
  }
  try {
    if (!isVector(file)) return await createImageBitmap(image, options)
    const canvas = drawn({ width, height }, (context) => context.drawImage(image, 0, 0, width, height))
    return canvas.transferToImageBitmap()
  } catch (error) {
    throw new PictureError('picture_file_unreadable', error)
  }
}

/** The square in its final size. Halved step by step: in one leap, browsers leave out pixels. */
function shrunk({ bitmap }: OpenPicture, { x, y, size }: Crop): OffscreenCanvas {
  let side = PICTURE_PIXELS
  while (side * 2 <= size) side *= 2
  let canvas = square(side, (context) => context.drawImage(bitmap, x, y, size, size, 0, 0, side, side))
  while (side > PICTURE_PIXELS) {
    const [larger, half] = [canvas, side / 2]
    canvas = square(half, (context) => context.drawImage(larger, 0, 0, half, half))
    side = half
  }
  return canvas
}

const square = (side: number, draw: Draw) => drawn({ width: side, height: side }, draw)

function drawn({ width, height }: Size, draw: Draw): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d')
  if (!context) throw new PictureError('picture_no_encoder')
  context.imageSmoothingQuality = 'high'
  draw(context)
  return canvas
}
