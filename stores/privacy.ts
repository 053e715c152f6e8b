import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { ControlPlane, PrivacyView } from '../protocol/control'

/** The part of the control plane that knows how others may reach this browser. */
export type PrivacyPlane = Pick<ControlPlane, 'privacy' | 'setDirect'>

interface PrivacySource {
  plane: PrivacyPlane
  /** Calls back when another page or the background changed it. */
  onChanged(listener: () => void): () => void
}

/** What holds where the background cannot say: the room host relays then, too. */
const RELAYED: PrivacyView = { direct: false, forced: null }

/** How others may reach this browser, and the viewer's choice of it. */
export const usePrivacyStore = defineStore('privacy', () => {
  /** As the background said last; `null` until it was asked once. */
  const stored = shallowRef<PrivacyView | null>(null)
  /** A choice on its way to the background: shown at once. */
  const wanted = ref<boolean | null>(null)
  /** The last choice could not be kept. */
  const failed = ref(false)

  const direct = computed(() => wanted.value ?? stored.value?.direct ?? null)
  const forced = computed(() => stored.value?.forced ?? null)

  let plane: PrivacyPlane | null = null
  /** Answers count only if nothing newer was asked or chosen. */
  let newest = 0

  /** Starts to follow the background; resolves with what ends it, once the choice is known or has failed. */
  async function attach(source: PrivacySource): Promise<() => void> {
    plane = source.plane
    const stop = source.onChanged(() => void refresh())
    await refresh()
    return () => {
      stop()
      plane = null
    }
  }

  async function refresh(): Promise<void> {
    // Asked once the choice under way is kept or not: an answer now may be older than that.
    if (!plane || wanted.value !== null) return
    newest += 1
    const turn = newest
    try {
      const answer = await plane.privacy()
      if (turn === newest) stored.value = answer
    } catch {
      if (turn === newest) stored.value ??= RELAYED
    }
  }

  /** Chooses, again at any time: the last choice counts. Resolves with whether it is kept; if not, `failed`. */
  async function choose(next: boolean): Promise<boolean> {
    if (!plane || forced.value !== null) return false
    newest += 1
    const turn = newest
    wanted.value = next
    failed.value = false
    const kept = await plane.setDirect(next).then(
      () => true,
      () => false,
    )
    if (kept) stored.value = { direct: next, forced: forced.value }
    // A newer choice is under way, and shown.
    if (turn !== newest) return kept
    wanted.value = null
    failed.value = !kept
    await refresh()
    return kept
  }

  return { direct, forced, failed, attach, choose }
})
