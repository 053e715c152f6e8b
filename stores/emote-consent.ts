import { defineStore } from 'pinia'
import { ref } from 'vue'

/** The browser's word for whether the providers may be asked; nothing of ours keeps it beside. */
interface ConsentSource {
  isGranted(): Promise<boolean>
  /** Shows the browser's own question. Only at once after a click. `null`: it is asked on another page that opens. */
  request(): Promise<boolean | null>
  remove(): Promise<boolean>
  /** Calls back when it was given or taken back anywhere. Returns how to stop. */
  onChanged(listener: () => void): () => void
}

/** Whether the viewer agreed that providers of emotes are asked, and their changing it. */
export const useEmoteConsentStore = defineStore('emote-consent', () => {
  /** `null` until it is known. */
  const granted = ref<boolean | null>(null)
  /** The last wish came to nothing: the viewer said no to the browser, or it does not let us ask. */
  const failed = ref(false)

  let source: ConsentSource | null = null

  async function attach(to: ConsentSource): Promise<() => void> {
    source = to
    const stop = to.onChanged(() => void refresh())
    await refresh()
    return () => {
      stop()
      source = null
    }
  }

  async function refresh(): Promise<void> {
    granted.value = (await source?.isGranted().catch(() => null)) ?? granted.value
  }

  /** Asks for it or gives it up. Only at once after a click: nothing may be awaited before. */
  async function choose(wanted: boolean): Promise<void> {
    if (!source) return
    failed.value = false
    const worked = await (wanted ? source.request() : source.remove()).catch(() => false)
    await refresh()
    failed.value = worked === false && granted.value !== wanted
  }

  return { granted, failed, attach, choose }
})
