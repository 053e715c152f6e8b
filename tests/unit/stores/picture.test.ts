import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ControlError } from '../../../protocol/control'
import { fromBase64, toBase64 } from '../../../protocol/picture'
import { type OpenPicture, type PictureCodec, PictureError } from '../../../protocol/picture-codec'
import { type PicturePlane, usePictureStore } from '../../../stores/picture'
import { settled } from './fake-host'

const FILE = new Blob(['a picture'])
const CROP = { x: 1, y: 2, size: 3 }
const WEBP = new Uint8Array([0, 255, 128, 1])

/** A step that ends when the test says so. */
function step<T>() {
  let ends: PromiseWithResolvers<T>[] = []
  const call = vi.fn((..._: unknown[]) => {
    const end = Promise.withResolvers<T>()
    ends.push(end)
    return end.promise
  })
  const next = () => {
    const [first, ...rest] = ends
    ends = rest
    if (!first) throw new Error('nobody waits')
    return first
  }
  return {
    call,
    async answer(value: T): Promise<void> {
      next().resolve(value)
      await settled()
    },
    async fail(error: unknown): Promise<void> {
      next().reject(error)
      await settled()
    },
  }
}

function opened() {
  const close = vi.fn()
  return { picture: { width: 4, height: 4, bitmap: {} as ImageBitmap, close } satisfies OpenPicture, close }
}

describe('the picture store', () => {
  const open = step<OpenPicture>()
  const encode = step<Uint8Array<ArrayBuffer>>()
  const set = step<string | null>()
  const remove = step<string | null>()
  const asked = step<string | null>()
  const codec: PictureCodec = { open: open.call, encode: encode.call }
  const plane: PicturePlane = { picture: asked.call, setPicture: set.call, removePicture: remove.call }
  let store: ReturnType<typeof usePictureStore>

  beforeEach(() => {
    setActivePinia(createPinia())
    vi.clearAllMocks()
    store = usePictureStore()
    store.attach({ plane, codec })
  })

  async function cropping() {
    const { picture, close } = opened()
    void store.choose(FILE)
    await open.answer(picture)
    return { picture, close }
  }

  it('goes from a file to a picture, and says how far it is', async () => {
    expect([store.stage, store.progress]).toEqual(['idle', null])
    const { picture, close } = opened()
    void store.choose(FILE)
    expect([store.stage, store.progress]).toEqual(['reading', 1])
    await open.answer(picture)
    expect([store.stage, store.progress, store.open]).toEqual(['cropping', null, picture])
    const used = store.use(CROP)
    expect([store.stage, store.progress]).toEqual(['encoding', 2])
    expect(encode.call.mock.calls[0]?.slice(0, 2)).toEqual([picture, CROP])
    await encode.answer(WEBP)
    expect([store.stage, store.progress]).toEqual(['uploading', 3])
    expect(fromBase64(String(set.call.mock.calls[0]?.[0]))).toEqual(WEBP)
    await set.answer('hash')
    expect(await used).toBe(true)
    expect(store.avatar).toBe('hash')
    expect([store.stage, store.done, store.problem, store.open]).toEqual(['idle', 'saved', null, null])
    expect(close).toHaveBeenCalledOnce()
  })

  it('says why a file cannot be used', async () => {
    void store.choose(FILE)
    await open.fail(new PictureError('picture_too_many_pixels'))
    expect([store.stage, store.problem]).toEqual(['idle', { code: 'picture_too_many_pixels' }])
    void store.choose(FILE)
    expect(store.problem).toBeNull()
    await open.fail(new TypeError('out of memory'))
    expect(store.problem).toEqual({ code: 'internal' })
  })

  it('keeps what was cropped when the upload fails', async () => {
    const { close } = await cropping()
    const used = store.use(CROP)
    await encode.answer(WEBP)
    await set.fail(new ControlError('rate_limited', 60))
    expect(await used).toBe(false)
    expect([store.stage, store.problem]).toEqual(['cropping', { code: 'rate_limited', retryAfter: 60 }])
    expect(close).not.toHaveBeenCalled()
    const again = store.use(CROP)
    await encode.answer(WEBP)
    await set.answer('hash')
    expect(await again).toBe(true)
    expect(store.problem).toBeNull()
  })

  it('and when it does not fit', async () => {
    await cropping()
    void store.use(CROP)
    await encode.fail(new PictureError('picture_too_detailed'))
    expect([store.stage, store.problem]).toEqual(['cropping', { code: 'picture_too_detailed' }])
    expect(set.call).not.toHaveBeenCalled()
  })

  it('is cancelled while it reads, crops or encodes, and frees what it held', async () => {
    void store.choose(FILE)
    const signal = open.call.mock.calls[0]?.[1]
    store.cancel()
    expect(signal).toMatchObject({ aborted: true })
    const late = opened()
    await open.answer(late.picture)
    expect(late.close).toHaveBeenCalledOnce()
    expect([store.stage, store.open, store.problem]).toEqual(['idle', null, null])

    const { close } = await cropping()
    store.cancel()
    expect([store.stage, close.mock.calls.length]).toEqual(['idle', 1])

    await cropping()
    const used = store.use(CROP)
    store.cancel()
    await encode.answer(WEBP)
    expect(await used).toBe(false)
    expect([store.stage, store.problem]).toEqual(['idle', null])
    expect(set.call).not.toHaveBeenCalled()
  })

  it('is not cancelled once the Worker has it in hand', async () => {
    await cropping()
    void store.use(CROP)
    await encode.answer(WEBP)
    store.cancel()
    void store.choose(FILE)
    expect(store.stage).toBe('uploading')
    expect(open.call).toHaveBeenCalledOnce()
    await set.answer('hash')
    expect(store.avatar).toBe('hash')
  })

  it('takes the file chosen last', async () => {
    const [first, second] = [opened(), opened()]
    void store.choose(FILE)
    void store.choose(FILE)
    await open.answer(first.picture)
    await open.answer(second.picture)
    expect(store.open).toBe(second.picture)
    expect(first.close).toHaveBeenCalledOnce()
    void store.choose(FILE)
    expect(second.close).toHaveBeenCalledOnce()
  })

  it('removes', async () => {
    const removed = store.remove()
    expect(store.stage).toBe('removing')
    await remove.fail(new ControlError('worker_unreachable'))
    expect(await removed).toBe(false)
    expect([store.stage, store.problem]).toEqual(['idle', { code: 'worker_unreachable' }])
    const again = store.remove()
    await remove.answer(null)
    expect(await again).toBe(true)
    expect([store.avatar, store.done]).toEqual([null, 'removed'])
  })

  it('asks what there is, and believes it unless something newer is under way', async () => {
    expect(store.avatar).toBeUndefined()
    void store.refresh()
    await asked.fail(new ControlError('worker_unreachable'))
    expect(store.avatar).toBeUndefined()
    void store.refresh()
    await asked.answer('theirs')
    expect(store.avatar).toBe('theirs')
    void store.refresh()
    const removed = store.remove()
    await asked.answer('theirs')
    await remove.answer(null)
    await removed
    expect(store.avatar).toBeNull()
  })

  it('asks as soon as there is somebody to ask', async () => {
    setActivePinia(createPinia())
    const early = usePictureStore()
    await early.refresh()
    early.attach({ plane, codec })
    await asked.answer('mine')
    expect(early.avatar).toBe('mine')
  })

  it('leads to another page where this one will not stay', () => {
    expect([store.toPage(), store.isElsewhere]).toEqual([false, false])
    const openPage = vi.fn()
    store.attach({ plane, codec, openPage })
    expect([store.toPage(), store.isElsewhere]).toEqual([true, true])
    expect(openPage).toHaveBeenCalledOnce()
  })
})

describe('base64', () => {
  it('is what everybody knows', () => {
    expect(toBase64(new TextEncoder().encode('light w'))).toBe('bGlnaHQgdw==')
    const all = Uint8Array.from({ length: 50_000 }, (_, index) => index)
    expect(fromBase64(toBase64(all))).toEqual(all)
    expect(() => fromBase64('not base64!')).toThrow()
  })
})
