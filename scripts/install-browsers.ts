/** Installs the browsers and tools that the end-to-end tests need; at once done where they are. `node scripts/install-browsers.ts` */
import { type BrowserName, findBrowser } from './stage/browsers.ts'
import { adviceFor, installBrowsers, installTools } from './stage/install.ts'

const wanted: BrowserName[] = ['chromium', 'firefox']
const missing = await installBrowsers(wanted)
await installTools()
for (const name of wanted) {
  if (!missing.includes(name)) console.log(`${name}: ${findBrowser(name)}`)
}
for (const name of missing) console.error(`\n${adviceFor(name)}`)
if (missing.length > 0) {
  console.error('\nThe end-to-end tests need both. `npm run test:unit` and `npm run test:worker` need none.')
  process.exitCode = 1
}
