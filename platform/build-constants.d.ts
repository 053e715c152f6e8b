/** Origin of the Worker, without a trailing slash: set when the extension is built (wxt.config.ts). */
declare const __WORKER_ORIGIN__: string
/** Whether this build lets everybody speak as fast as they like, for load tests. */
declare const __UNPACED__: boolean
