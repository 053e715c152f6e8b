import { vi } from 'vitest'

/** Stops the Worker's clock at `time` (ms); `vi.useRealTimers()` starts it again. Alarms do not ring by it. */
export const atTime = (time: number) => vi.useFakeTimers({ toFake: ['Date'], now: time })
