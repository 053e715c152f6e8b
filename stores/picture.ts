import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { ControlPlane } from '../protocol/control'
import { toBase64 } from '../protocol/picture'
import {
  type Crop,
  type OpenPicture,
  type PictureCodec,
  PictureError,
  type PictureFault,
} from '../protocol/picture-codec'
import { type IdentityProblem, identityProblem } from './identity-problem'

/** The part of the control plane that keeps the profile picture. */
export type PicturePlane = Pick<ControlPlane, 'picture' | 'setPicture' | 'removePicture'>

export type PictureProblem = IdentityProblem | { code: PictureFault; retryAfter?: number }

/**
 * `reading` a file → `cropping`, which is the viewer's → `encoding` → `uploading` → `idle`. `removing` stands alone.
 * Cancelling leads to `idle` from anywhere but `uploading` and `removing`, which the Worker has in hand.
 */
export type PictureStage = 'idle' | 'reading' | 'cropping' | 'encoding' | 'uploading' | 'removing'

/** How much of the way is done when a stage begins, of `PICTURE_STEPS`. */
const DONE: Partial<Record<PictureStage, number>> = { reading: 1, encoding: 2, uploading: 3 }
export const PICTURE_STEPS = 4

interface PictureSource {
  plane: PicturePlane
  codec: PictureCodec
  /**
   * Opens this page where it stays. Given in a popup, which closes when the browser asks for a file, and takes everything
   * with it.
   */
  openPage?: (() => void) | undefined
}

/** The viewer's own profile picture, and the way from a file to a new one. */
export const usePictureStore = defineStore('picture', () => {
  /** Its hash as the Worker said last, `null` for none; `undefined` while only the passport tells. */
  const avatar = ref<string | null>()
  const stage = ref<PictureStage>('idle')
  /** What is being cropped. */
  const open = shallowRef<OpenPicture | null>(null)
  const problem = shallowRef<PictureProblem | null>(null)
  const done = ref<'saved' | 'removed' | null>(null)

  const progress = computed(() => DONE[stage.value] ?? null)

  let source: PictureSource | null = null
  let work = new AbortController()
  /** Somebody looks at the picture, perhaps before there was anybody to ask. */
  let wanted = false

  /** Whether files are chosen on another page. */
  const isElsewhere = ref(false)

  function attach(to: PictureSource): void {
    source = to
    isElsewhere.value = to.openPage !== undefined
    if (wanted) void refresh()
  }

  /** Opens the page on which files are chosen, if it is another than this. Returns whether it is. */
  function toPage(): boolean {
    source?.openPage?.()
    return isElsewhere.value
  }

  /** Asks the Worker what there is, because another device may have changed it. Without the Worker what is known stands. */
  async function refresh(): Promise<void> {
    wanted = true
    const asked = await source?.plane.picture().catch(() => undefined)
    if (asked !== undefined && stage.value === 'idle') avatar.value = asked
  }

  /** Opens a file to be cropped, instead of any that was open. */
  async function choose(file: Blob): Promise<void> {
    if (!source || isUnderWay()) return
    const { codec } = source
    const { signal } = begin('reading')
    try {
      const opened = await codec.open(file, signal)
      if (signal.aborted) return opened.close()
      open.value = opened
      stage.value = 'cropping'
    } catch (error) {
      if (!signal.aborted) fail(error)
    }
  }

  /** Makes the square the profile picture. Resolves with whether it is; if not, `problem`, and cropping goes on. */
  async function use(crop: Crop): Promise<boolean> {
    const picture = open.value
    if (!source || !picture || stage.value !== 'cropping') return false
    const { plane, codec } = source
    problem.value = null
    stage.value = 'encoding'
    const { signal } = work
    try {
      const webp = toBase64(await codec.encode(picture, crop, signal))
      if (signal.aborted) return false
      stage.value = 'uploading'
      avatar.value = await plane.setPicture(webp)
      finish('saved')
      return true
    } catch (error) {
      if (signal.aborted) return false
      problem.value = pictureProblem(error)
      stage.value = 'cropping'
      return false
    }
  }

  /** Goes back to where nothing was chosen. What the Worker has in hand goes on. */
  function cancel(): void {
    if (isUnderWay()) return
    begin('idle')
  }

  /** Resolves with whether there is no picture any more; if not, `problem`. */
  async function remove(): Promise<boolean> {
    if (!source || stage.value !== 'idle') return false
    begin('removing')
    try {
      avatar.value = await source.plane.removePicture()
      finish('removed')
      return true
    } catch (error) {
      fail(error)
      return false
    }
  }

  const isUnderWay = () => stage.value === 'uploading' || stage.value === 'removing'

  function begin(next: PictureStage): AbortController {
    work.abort()
    work = new AbortController()
    open.value?.close()
    open.value = null
    problem.value = null
    done.value = null
    stage.value = next
    return work
  }

  function finish(what: 'saved' | 'removed'): void {
    begin('idle')
    done.value = what
  }

  function fail(error: unknown): void {
    begin('idle')
    problem.value = pictureProblem(error)
  }

  return {
    avatar,
    stage,
    open,
    progress,
    problem,
    done,
    isElsewhere,
    attach,
    toPage,
    refresh,
    choose,
    use,
    cancel,
    remove,
  }
})

function pictureProblem(error: unknown): PictureProblem {
  return error instanceof PictureError ? { code: error.code } : identityProblem(error)
}
