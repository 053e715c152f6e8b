import { onBeforeUnmount, onMounted } from 'vue'

/** Calls back when the caret moves or something is selected, which clicks and arrow keys do without any input. */
export function useSelection(moved: () => void): void {
  onMounted(() => document.addEventListener('selectionchange', moved))
  onBeforeUnmount(() => document.removeEventListener('selectionchange', moved))
}
