import { computed, onBeforeUnmount, readonly, ref, watch } from 'vue'
import { EMPTY_MS } from '../stores/company'
import { useRoomStore } from '../stores/room'

/** Whether something was said here once, and nobody but the viewer has been here for a while. */
export function useDeserted() {
  const room = useRoomStore()
  const deserted = ref(false)
  const isAlone = computed(
    () =>
      room.ready && room.connection.state === 'hub-only' && room.memberCount <= 1 && room.messages.length > 0,
  )
  let timer: ReturnType<typeof setTimeout> | undefined

  watch(
    isAlone,
    (now) => {
      clearTimeout(timer)
      deserted.value = false
      if (now) timer = setTimeout(() => (deserted.value = true), EMPTY_MS)
    },
    { immediate: true },
  )
  onBeforeUnmount(() => clearTimeout(timer))
  return readonly(deserted)
}
