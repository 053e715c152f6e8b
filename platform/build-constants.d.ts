/** Origin of the Worker, without a trailing slash: set when the extension is built (wxt.config.ts). */
declare const __WORKER_ORIGIN__: string
