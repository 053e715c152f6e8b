import { defineConfig } from 'wxt'
import { EMOTE_APIS, EMOTE_IMAGES } from './protocol/emotes'

/** Where the Worker answers. A release build is told by `SIDESTREAM_WORKER`; the default is `npm start`'s. */
const worker = process.env.SIDESTREAM_WORKER ?? 'http://127.0.0.1:8787'
const workerSocket = worker.replace(/^http/, 'ws')

/** Makes the id of an unpacked Chrome build the same everywhere (jjcmgcjjkfaoelolhidopeebdigcohpg). The stores set their own. */
const DEVELOPMENT_KEY =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA20bztvJfceVYg7NycyBzWXMGPJxUxAxI+s+xWNfYmX8qSY73Uu+tPK4WzAd1GuSsUBZqCbRXuVBqMyBcKYocdoBs+aZkNaFtjwa5ZD3sQvLZf+uLWWntaYdTsdnHlL1vbbF5XSw1S7fviNcoWGsPYMuAyD0hlz89pD8knswTamJyvOIGVeV51ZR9O5lCuo3ybBYFjAFRLWpsdUbT8OCcMjvPSSk5tMX5yjQF0REd0YaLHGxoXQcGfGi+lb3qdXR1msbhoTMnKNYJu05wZD5LTzDTzGM7i14rlHJag3rX5on6rS5vYN8UBHsBPHMmoT4qEukNd8hsJX7gxqPe9iUxKwIDAQAB'

/** `npm run dev` serves changed modules from here. */
const devServer = 'http://localhost:3000 ws://localhost:3000'

const emoteApis = Object.values(EMOTE_APIS)
/** Asked for when a viewer wants emotes, and never before. */
const emoteHosts = emoteApis.map((origin) => `${origin}/*`)

/** Extension pages load only what is in the package and talk only to the Worker, and to providers of emotes for those who want them. */
const csp = (isDev: boolean) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    `img-src 'self' data: blob: ${worker} ${Object.values(EMOTE_IMAGES).join(' ')}`,
    `connect-src 'self' ${worker} ${workerSocket} ${emoteApis.join(' ')}${isDev ? ` ${devServer}` : ''}`,
    // A sound that we make ourselves.
    'media-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')

export default defineConfig({
  modules: ['@wxt-dev/module-vue', '@wxt-dev/webextension-polyfill'],
  imports: false,
  ...(process.env.SIDESTREAM_OUT !== undefined && { outDir: process.env.SIDESTREAM_OUT }),
  zip: { excludeSources: ['.sidestream/**', 'tests/**'] },
  dev: { server: { port: 3000, strictPort: true } },
  webExt: {
    startUrls: ['https://www.twitch.tv'],
    // The panel is a frame in a page from the internet, and Chrome keeps such frames from the development server.
    chromiumArgs: ['--disable-features=LocalNetworkAccessChecks'],
  },
  vite: () => ({
    define: {
      __WORKER_ORIGIN__: JSON.stringify(worker),
      // For load tests only: such a build is understood by its like alone.
      __UNPACED__: JSON.stringify(process.env.SIDESTREAM_UNPACED === '1'),
      global: 'globalThis',
    },
  }),
  manifest: ({ browser, command, manifestVersion }) => ({
    name: '__MSG_extensionName__',
    description: '__MSG_extensionDescription__',
    default_locale: 'en',
    incognito: 'not_allowed',
    permissions: ['identity', 'storage', ...(browser === 'firefox' ? [] : ['offscreen'])],
    ...(manifestVersion === 3
      ? { optional_permissions: ['notifications'], optional_host_permissions: emoteHosts }
      : { optional_permissions: ['notifications', ...emoteHosts] }),
    commands: {
      'toggle-panel': {
        suggested_key: { default: 'Alt+Shift+S' },
        description: '__MSG_shortcutToggle__',
      },
      'focus-composer': {
        suggested_key: { default: 'Alt+Shift+M' },
        description: '__MSG_shortcutComposer__',
      },
    },
    ...(browser === 'chrome' && process.env.SIDESTREAM_RELEASE === undefined && { key: DEVELOPMENT_KEY }),
    ...(browser === 'chrome' && { minimum_chrome_version: '137' }),
    ...(browser === 'firefox' && {
      browser_specific_settings: {
        gecko: {
          id: 'sidestream@sidestream.chat',
          strict_min_version: '130.0',
          data_collection_permissions: {
            required: ['authenticationInfo', 'personallyIdentifyingInfo', 'personalCommunications'],
          },
        },
      },
    }),
    content_scripts: [{ matches: ['https://www.twitch.tv/*'], run_at: 'document_start', js: ['twitch.js'] }],
    content_security_policy:
      manifestVersion === 3 ? { extension_pages: csp(command === 'serve') } : csp(command === 'serve'),
    web_accessible_resources: [
      manifestVersion === 3
        ? { resources: ['panel.html'], matches: ['https://www.twitch.tv/*'], use_dynamic_url: true }
        : 'panel.html',
    ],
  }),
})
