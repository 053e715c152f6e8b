import type { AccountId } from '../../protocol/device'
import { PICTURE_TYPE } from '../../protocol/picture'
import { DAY_MS, MAX_PICTURES_PER_DAY } from '../limits'
import { pictureKey, picturePrefix } from '../pictures/key'
import type { PictureBucket, PictureChange, PictureExport } from '../ports'
import type { PictureRows } from './picture-rows'
import { Turns } from './turns'

/**
 * An account's picture: note its hash → put it → commit here → delete the old one. The commit in the account's own
 * storage decides; whatever a kill leaves in the bucket beside it is noted here, and removed by the alarm.
 */
export class AccountPicture {
  readonly #rows: PictureRows
  readonly #bucket: PictureBucket
  readonly #arm: () => Promise<void>
  /** One change at a time. */
  readonly #turns = new Turns()

  /** `arm` sets the alarm for what the rows leave to remove. */
  constructor(rows: PictureRows, bucket: PictureBucket, arm: () => Promise<void>) {
    this.#rows = rows
    this.#bucket = bucket
    this.#arm = arm
  }

  /** Takes a checked picture under the hash of its bytes. Rejects, and changes nothing, while the bucket is away. */
  set(hash: string, bytes: Uint8Array<ArrayBuffer>, account: AccountId): Promise<PictureChange> {
    return this.#turns.take(async (): Promise<PictureChange> => {
      if (hash === this.#rows.current()) return { outcome: 'done', avatar: hash }
      const now = Date.now()
      const uploads = this.#rows.uploads(now)
      if (uploads.length >= MAX_PICTURES_PER_DAY) {
        const [oldest = now] = uploads
        return { outcome: 'rate-limited', retryAfter: Math.ceil((oldest + DAY_MS - now) / 1000) }
      }
      this.#rows.countUpload(now)
      this.#rows.begin(hash, now)
      await this.#arm()
      await this.#bucket.put(pictureKey(account, hash), bytes, {
        httpMetadata: { contentType: PICTURE_TYPE },
      })
      this.#rows.become(hash, Date.now())
      await this.#settle(account)
      return { outcome: 'done', avatar: hash }
    })
  }

  /** Removes the picture, by its owner's wish or an operator's. Whether there was one. */
  remove(account: AccountId): Promise<boolean> {
    return this.#turns.take(async () => {
      if (this.#rows.current() === undefined) return false
      this.#rows.become(undefined, Date.now())
      await this.#arm()
      await this.#settle(account)
      return true
    })
  }

  /** Removes from the bucket what no passport names any more, or tries again in a while. Idempotent. */
  settle(account: AccountId): Promise<void> {
    return this.#turns.take(() => this.#settle(account))
  }

  /** All that is kept, for its owner. Rejects while the bucket is away. */
  export(account: AccountId): Promise<PictureExport | null> {
    return this.#turns.take(async () => {
      const avatar = this.#rows.current()
      if (avatar === undefined) return null
      const object = await this.#bucket.get(pictureKey(account, avatar))
      return { avatar, webp: object && new Uint8Array(await object.arrayBuffer()).toBase64() }
    })
  }

  /**
   * Removes every picture and every trace of them. Idempotent; rejects, to be tried again, while the bucket is away or an
   * upload of a moment ago may still be on its way there.
   */
  erase(account: AccountId): Promise<void> {
    return this.#turns.take(async () => {
      if (this.#rows.current() !== undefined) this.#rows.become(undefined, Date.now())
      // By what is there and not by what is known, so that nothing can be left.
      for (;;) {
        const { objects } = await this.#bucket.list({ prefix: picturePrefix(account) })
        if (objects.length === 0) break
        await this.#bucket.delete(objects.map(({ key }) => key))
      }
      if (this.#rows.isUploading(Date.now())) throw new Error('an upload may be on its way')
      this.#rows.erase()
    })
  }

  async #settle(account: AccountId): Promise<void> {
    const left = this.#rows.removable(Date.now())
    if (left.length === 0) return
    try {
      await this.#bucket.delete(left.map((hash) => pictureKey(account, hash)))
      this.#rows.forget(left)
    } catch {
      this.#rows.postpone(left, Date.now())
    }
  }
}
