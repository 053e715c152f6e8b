/** Hz, one after the other. */
const NOTES = [660, 880] as const
const RATE = 16_000
const NOTE_SECONDS = 0.12
const VOLUME = 0.18

let url: string | undefined

/** A short quiet sound. Where the browser lets us play none, there is none. */
export function playChime(): void {
  url ??= URL.createObjectURL(new Blob([wave()], { type: 'audio/wav' }))
  new Audio(url).play().catch(() => {})
}

/** Two notes that fade, as a WAV file: 8 bits, one channel. */
function wave(): Uint8Array<ArrayBuffer> {
  const each = Math.round(RATE * NOTE_SECONDS)
  const samples = NOTES.flatMap((hertz) =>
    Array.from({ length: each }, (_, n) => {
      const fade = (1 - n / each) ** 2
      return 128 + Math.round(127 * VOLUME * fade * Math.sin((2 * Math.PI * hertz * n) / RATE))
    }),
  )
  const file = new Uint8Array(44 + samples.length)
  const view = new DataView(file.buffer)
  const text = (at: number, words: string) => file.set(new TextEncoder().encode(words), at)
  text(0, 'RIFF')
  view.setUint32(4, 36 + samples.length, true)
  text(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, RATE, true)
  view.setUint32(28, RATE, true)
  view.setUint16(32, 1, true)
  view.setUint16(34, 8, true)
  text(36, 'data')
  view.setUint32(40, samples.length, true)
  file.set(samples, 44)
  return file
}
