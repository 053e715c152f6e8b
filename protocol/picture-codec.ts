/** What the page that crops and the code that knows images say to each other; the Worker has no part in it. */

/** A picture read from a file: upright, its first frame, and small enough to be drawn again and again. */
export interface OpenPicture {
  readonly width: number
  readonly height: number
  readonly bitmap: ImageBitmap
  /** Frees its memory. */
  close(): void
}

/** A square of an `OpenPicture`, in its pixels. */
export interface Crop {
  readonly x: number
  readonly y: number
  readonly size: number
}

/** Why a file cannot become a profile picture. */
export type PictureFault =
  | 'picture_file_too_large'
  | 'picture_file_unreadable'
  | 'picture_too_many_pixels'
  /** It takes more than `MAX_PICTURE_BYTES` at any quality. */
  | 'picture_too_detailed'
  /** This browser cannot write WebP. */
  | 'picture_no_encoder'

export class PictureError extends Error {
  override readonly name = 'PictureError'
  readonly code: PictureFault

  constructor(code: PictureFault, cause?: unknown) {
    super(code, { cause })
    this.code = code
  }
}

export interface PictureCodec {
  /** Rejects with a `PictureError`, or with the signal's reason. */
  open(file: Blob, signal: AbortSignal): Promise<OpenPicture>
  /** The square as a WebP of `PICTURE_PIXELS` and at most `MAX_PICTURE_BYTES`, without metadata. Rejects alike. */
  encode(picture: OpenPicture, crop: Crop, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>
}
