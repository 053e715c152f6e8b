import { type Microphone, MicrophoneError, type MicrophoneTrouble } from '../protocol/microphone'

/** Between two looks at the level (ms). */
const LOOK_MS = 50
/** What counts as silence and as full level, in dB below full scale: speech at arm's length lies between. */
const QUIET_DB = -60
const LOUD_DB = -12

/** The browser's microphone, on a visible extension page. */
export const microphone: Microphone = {
  async isGranted() {
    return (await permission()) === 'granted'
  },
  async listen({ onLevel, onEnd }) {
    const stream = await open()
    const context = new AudioContext()
    const analyser = new AnalyserNode(context, { fftSize: 1024 })
    context.createMediaStreamSource(stream).connect(analyser)
    const samples = new Float32Array(analyser.fftSize)
    const looking = setInterval(() => {
      analyser.getFloatTimeDomainData(samples)
      onLevel(levelOf(samples))
    }, LOOK_MS)
    const over = new AbortController()
    const stop = () => {
      if (over.signal.aborted) return
      over.abort()
      clearInterval(looking)
      for (const track of stream.getTracks()) track.stop()
      void context.close()
    }
    const end = () => {
      stop()
      onEnd()
    }
    const { signal } = over
    for (const track of stream.getTracks()) track.addEventListener('ended', end, { signal })
    addEventListener('pagehide', end, { signal })
    // Whoever looks elsewhere has forgotten about it.
    document.addEventListener('visibilitychange', () => document.hidden && end(), { signal })
    return stop
  },
}

async function open(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true })
  } catch (error) {
    throw new MicrophoneError(await troubleOf(error))
  }
}

async function troubleOf(error: unknown): Promise<MicrophoneTrouble> {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return (await permission()) === 'denied' ? 'denied' : 'dismissed'
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing'
    case 'NotReadableError':
    case 'AbortError':
      return 'busy'
    default:
      return 'failed'
  }
}

const permission = (): Promise<PermissionState | undefined> =>
  navigator.permissions.query({ name: 'microphone' }).then(
    ({ state }) => state,
    () => undefined,
  )

/** The root mean square of what was heard, from 0 to 1 on a scale of decibels. */
function levelOf(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
  const db = 10 * Math.log10(Math.max(power, 1e-12))
  return Math.min(1, Math.max(0, (db - QUIET_DB) / (LOUD_DB - QUIET_DB)))
}
