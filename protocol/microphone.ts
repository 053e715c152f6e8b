/** Why there is no sound from a microphone. */
export type MicrophoneTrouble =
  /** Refused for good: the browser does not ask again. */
  | 'denied'
  /** The question was closed without an answer. */
  | 'dismissed'
  | 'missing'
  /** Another program holds it, or the system gives it to no browser. */
  | 'busy'
  | 'failed'

export class MicrophoneError extends Error {
  override readonly name = 'MicrophoneError'
  readonly trouble: MicrophoneTrouble

  constructor(trouble: MicrophoneTrouble) {
    super(trouble)
    this.trouble = trouble
  }
}

/** A microphone that is listened to for its level alone: nothing is recorded nor sent. */
export interface Microphone {
  /** Whether the viewer has let us before. */
  isGranted(): Promise<boolean>
  /**
   * Asks the viewer if need be, and listens. `onLevel` is called about 20 times a second with 0 (silence) to 1; `onEnd`
   * when the microphone went away or the page was hidden. Resolves with what stops it and puts its light out.
   * Rejects with a `MicrophoneError`.
   */
  listen(on: { onLevel(level: number): void; onEnd(): void }): Promise<() => void>
}
