// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import PictureSection from '../../../components/PictureSection.vue'
import { ControlError, type IdentityView } from '../../../protocol/control'
import type { Crop, OpenPicture } from '../../../protocol/picture-codec'
import { PictureError } from '../../../protocol/picture-codec'
import { useIdentityStore } from '../../../stores/identity'
import { usePictureStore } from '../../../stores/picture'
import { ME, settled } from '../stores/fake-host'
import { global } from './translate'

const SIGNED_IN = { state: 'signed-in', accountId: ME, displayName: 'BraveOtter' } as const

describe('the section of the profile picture', () => {
  let section: VueWrapper
  let stored: string | null
  let view: IdentityView
  let changed: () => void
  let files: Blob[]
  let crops: Crop[]
  let failure: Error | null
  let uploads: string[]

  const picture: OpenPicture = { width: 400, height: 200, bitmap: {} as ImageBitmap, close: () => {} }

  async function show(openPage?: () => void): Promise<void> {
    await useIdentityStore().attach({
      plane: {
        identity: async () => view,
        requestCode: async () => view,
        submitCode: async () => view,
        cancelSignIn: async () => view,
        signOut: async () => view,
      },
      onChanged: (listener) => {
        changed = listener
        return () => {}
      },
    })
    usePictureStore().attach({
      openPage,
      plane: {
        picture: async () => stored,
        setPicture: async (webp) => {
          if (failure) throw failure
          uploads.push(webp)
          stored = 'new'
          return stored
        },
        removePicture: async () => {
          if (failure) throw failure
          stored = null
          return null
        },
      },
      codec: {
        open: async (file) => {
          if (failure) throw failure
          files.push(file)
          return picture
        },
        encode: async (_, crop) => {
          crops.push(crop)
          return new Uint8Array([1])
        },
      },
    })
    section = mount(PictureSection, { global, attachTo: document.body })
    await settled()
  }

  beforeEach(() => {
    setActivePinia(createPinia())
    stored = null
    view = SIGNED_IN
    files = []
    crops = []
    uploads = []
    failure = null
  })
  afterEach(() => {
    section.unmount()
    vi.restoreAllMocks()
  })

  const find = (id: string) => section.find(`[data-testid=${id}]`)
  const get = (id: string) => section.get(`[data-testid=${id}]`)
  const status = () => get('picture-status').text()
  const image = () => section.find('[data-testid=own-picture] img')

  async function pick(file: Blob): Promise<void> {
    const field = get('picture-file').element
    Object.defineProperty(field, 'files', { value: [file], configurable: true })
    Object.defineProperty(field, 'value', { value: 'C:\\fakepath\\me.png', writable: true })
    await get('picture-file').trigger('change')
    await settled()
  }

  /** What the browser tells the page of files from elsewhere. */
  function send(name: string, given: Blob[], more: object = {}): Event {
    const data = { files: given, types: given.length > 0 ? ['Files'] : ['text/plain'] }
    const event = new Event(name, { bubbles: true, cancelable: true })
    Object.assign(event, { dataTransfer: data, clipboardData: data, ...more })
    document.body.dispatchEvent(event)
    return event
  }

  const png = () => new File(['me'], 'me.png', { type: 'image/png' })

  it('shows the pattern until there is a picture, as the Worker says and not the passport', async () => {
    view = { ...SIGNED_IN, avatar: 'old' }
    await show()
    expect(image().exists()).toBe(false)
    expect(find('remove-picture').exists()).toBe(false)
    stored = 'other'
    view = { ...SIGNED_IN, avatar: 'other' }
    changed()
    await settled()
    expect(image().attributes('src')).toContain('/other')
    expect(get('choose-picture').text()).toBe('Choose another picture')
  })

  it('shows what the passport names where the Worker is away', async () => {
    view = { ...SIGNED_IN, avatar: 'passport' }
    vi.spyOn(console, 'error')
    stored = 'never asked'
    await show()
    section.unmount()
    setActivePinia(createPinia())
    await show()
    expect(image().exists()).toBe(true)
  })

  it('leads from a chosen file over cropping to a picture', async () => {
    await show()
    await pick(png())
    expect(files).toHaveLength(1)
    expect(document.activeElement).toBe(get('crop-stage').element)
    await get('use-picture').trigger('click')
    await settled()
    expect(crops).toEqual([{ x: 100, y: 0, size: 200 }])
    expect(uploads).toEqual(['AQ=='])
    expect(status()).toBe('This is your picture now. Others see it within moments.')
    expect(image().attributes('src')).toContain('/new')
    expect(document.activeElement).toBe(get('choose-picture').element)
  })

  it('takes the same file twice', async () => {
    await show()
    const field = get('picture-file').element
    await pick(png())
    expect(field).toMatchObject({ value: '' })
  })

  it('crops by keys, and leaves by Escape', async () => {
    await show()
    await pick(png())
    const stage = get('crop-stage')
    for (const key of ['ArrowRight', 'ArrowRight', '+', 'ArrowDown', '-'])
      await stage.trigger('keydown', { key })
    await stage.trigger('keydown', { key: 'ArrowLeft', shiftKey: true })
    await stage.trigger('keydown', { key: 'Enter' })
    await settled()
    const [crop] = crops
    expect(crop?.size).toBeCloseTo(200)
    expect(crop?.x).toBeCloseTo(100 + 2 * 10 - 50)
    expect(crop?.y).toBeCloseTo(0)

    await pick(png())
    await get('crop-stage').trigger('keydown', { key: 'ArrowRight' })
    await get('crop-stage').trigger('keydown', { key: 'Home' })
    const left = vi.fn()
    window.addEventListener('keydown', left)
    await get('crop-stage').trigger('keydown', { key: 'Escape' })
    window.removeEventListener('keydown', left)
    expect(left).not.toHaveBeenCalled()
    expect(find('crop-stage').exists()).toBe(false)
    await nextTick()
    expect(document.activeElement).toBe(get('choose-picture').element)
  })

  it('crops by slider, wheel and fingers', async () => {
    await show()
    await pick(png())
    const stage = get('crop-stage')
    const box = { left: 0, top: 0, width: 100, height: 100 }
    vi.spyOn(stage.element, 'getBoundingClientRect').mockReturnValue(box as DOMRect)
    Object.assign(stage.element, { setPointerCapture: () => {} })
    const zoom = get('crop-zoom')
    await zoom.setValue('100')
    expect(zoom.element).toMatchObject({ value: '100' })
    await stage.trigger('wheel', { deltaY: 10_000, clientX: 50, clientY: 50 })
    expect(zoom.element).toMatchObject({ value: '0' })

    const finger = (name: string, pointerId: number, clientX: number) =>
      stage.trigger(name, { pointerId, clientX, clientY: 50, button: 0 })
    await finger('pointermove', 1, 0)
    await finger('pointerdown', 1, 50)
    await finger('pointermove', 1, 40)
    await finger('pointerup', 1, 40)
    await finger('pointermove', 1, 0)
    await finger('pointerdown', 1, 40)
    await finger('pointerdown', 2, 60)
    await finger('pointermove', 1, 30)
    await finger('pointermove', 2, 70)
    await get('use-picture').trigger('click')
    await settled()
    const [crop] = crops
    expect(crop?.size).toBeCloseTo(100)
    // Dragged by a tenth of the square to the left, then drawn apart about the middle.
    expect(crop?.x).toBeCloseTo(120 + 50, 0)
  })

  it('takes what is dropped anywhere, and lets no file replace the page', async () => {
    await show()
    expect(send('dragover', [png()]).defaultPrevented).toBe(true)
    await nextTick()
    expect(section.classes()).toContain('hovering')
    expect(send('drop', [png()]).defaultPrevented).toBe(true)
    await settled()
    expect(section.classes()).not.toContain('hovering')
    expect(files).toHaveLength(1)
    expect(find('crop-stage').exists()).toBe(true)
    expect(send('dragover', []).defaultPrevented).toBe(false)
    expect(send('drop', []).defaultPrevented).toBe(false)
    send('dragover', [png()])
    send('dragleave', [png()], { relatedTarget: document.body })
    await nextTick()
    expect(section.classes()).toContain('hovering')
    send('dragleave', [png()], { relatedTarget: null })
    await nextTick()
    expect(section.classes()).not.toContain('hovering')
  })

  it('takes a pasted picture, and no text', async () => {
    await show()
    expect(send('paste', []).defaultPrevented).toBe(false)
    expect(send('paste', [png()]).defaultPrevented).toBe(true)
    await settled()
    expect(files).toHaveLength(1)
    section.unmount()
    expect(send('paste', [png()]).defaultPrevented).toBe(false)
    await settled()
    expect(files).toHaveLength(1)
  })

  it('says what is wrong, and what to do', async () => {
    await show()
    failure = new PictureError('picture_file_too_large')
    await pick(png())
    expect(get('picture-problem').text()).toContain('20 MB')
    failure = null
    await pick(png())
    expect(find('picture-problem').exists()).toBe(false)
    failure = new ControlError('rate_limited', 40)
    await get('use-picture').trigger('click')
    await settled()
    expect(get('picture-problem').attributes('role')).toBe('alert')
    expect(get('picture-problem').text()).toContain('40 sec')
    expect(find('crop-stage').exists()).toBe(true)
  })

  it('removes only for who means it', async () => {
    stored = 'mine'
    await show()
    await get('remove-picture').trigger('click')
    expect(stored).toBe('mine')
    await get('confirm-remove-picture').trigger('click')
    await settled()
    expect(stored).toBeNull()
    expect(status()).toBe('Your picture is removed.')
    expect(document.activeElement).toBe(get('choose-picture').element)
  })

  it('leads a popup to a page that stays', async () => {
    const openPage = vi.fn()
    await show(openPage)
    const click = vi.spyOn(HTMLInputElement.prototype, 'click')
    await get('choose-picture').trigger('click')
    expect(openPage).toHaveBeenCalledOnce()
    expect(click).not.toHaveBeenCalled()
  })

  it('asks the browser for a file otherwise', async () => {
    await show()
    const click = vi.spyOn(HTMLInputElement.prototype, 'click').mockImplementation(() => {})
    await get('choose-picture').trigger('click')
    expect(click).toHaveBeenCalledOnce()
    expect(get('picture-file').attributes('accept')).toBe('image/*')
  })
})
