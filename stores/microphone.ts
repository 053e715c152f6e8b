import { defineStore } from 'pinia'
import { ref } from 'vue'
import { type Microphone, MicrophoneError, type MicrophoneTrouble } from '../protocol/microphone'

/** Nobody tests longer (ms). */
const MAX_TEST_MS = 30_000
/** What quiet speech reaches, and the noise of a room does not. */
const HEARD_LEVEL = 0.35

/** A test of the microphone: asking for it, hearing oneself, and letting go of it. */
export const useMicrophoneStore = defineStore('microphone', () => {
  const state = ref<'idle' | 'asking' | 'listening'>('idle')
  /** Whether this browser lets us; known once asked. */
  const granted = ref(false)
  /** 0 to 1. */
  const level = ref(0)
  /** Speech was heard in this test. */
  const heard = ref(false)
  const trouble = ref<MicrophoneTrouble | null>(null)

  let microphone: Microphone | null = null
  let letGo = () => {}
  /** An answer counts only if it is the latest test's. */
  let test = 0

  async function attach(to: Microphone): Promise<void> {
    microphone = to
    granted.value = await to.isGranted().catch(() => false)
  }

  /** Only after the viewer has pressed a button, on a page in sight. */
  async function start(): Promise<void> {
    if (!microphone || state.value !== 'idle') return
    test += 1
    const turn = test
    state.value = 'asking'
    trouble.value = null
    heard.value = false
    try {
      const stopListening = await microphone.listen({
        onLevel(now) {
          if (turn !== test) return
          level.value = now
          if (now >= HEARD_LEVEL) heard.value = true
        },
        onEnd: () => turn === test && stop(),
      })
      granted.value = true
      // Stopped while the browser was still asking.
      if (turn !== test) return stopListening()
      const timer = setTimeout(stop, MAX_TEST_MS)
      letGo = () => {
        clearTimeout(timer)
        stopListening()
      }
      state.value = 'listening'
    } catch (error) {
      if (turn !== test) return
      trouble.value = error instanceof MicrophoneError ? error.trouble : 'failed'
      if (trouble.value === 'denied') granted.value = false
      state.value = 'idle'
    }
  }

  /** Lets go of the microphone: its light goes out. */
  function stop(): void {
    test += 1
    letGo()
    letGo = () => {}
    level.value = 0
    state.value = 'idle'
  }

  return { state, granted, level, heard, trouble, attach, start, stop }
})
