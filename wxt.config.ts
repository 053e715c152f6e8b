import { defineConfig } from 'wxt'

/** Where the Worker answers. A release build is told by `SIDESTREAM_WORKER`; the default is `npm start`'s. */
const workerOrigin = process.env.SIDESTREAM_WORKER ?? 'http://127.0.0.1:8787'
const socketOrigin = workerOrigin.replace(/^http/, 'ws')

export default defineConfig({
  modules: ['@wxt-dev/module-vue', '@wxt-dev/webextension-polyfill'],
  imports: false,
  manifestVersion: undefined as never,
  vite: () => ({
    define: { __WORKER_ORIGIN__: JSON.stringify(workerOrigin), global: 'globalThis' },
  }),
})
