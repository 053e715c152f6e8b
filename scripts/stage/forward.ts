/**
 * Listens on one host at each port given and forwards to the same port of another; prints "ready".
 *
 * Not imported: `network.ts` starts it in another network namespace, as `node forward.ts here there …ports`.
 */
import { startForwarder } from './forwarder.ts'

const [here = '', there = '', ...ports] = process.argv.slice(2)
for (const port of ports.map(Number)) {
  await startForwarder({ listen: { host: here, port }, to: { host: there, port } })
}
console.log('ready')
