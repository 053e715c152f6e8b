/**
 * Listens on 127.0.0.1 at each port given and forwards to the same port of a host; prints "ready".
 *
 * Not imported: `network.ts` starts it in another network namespace, as `node forward.ts host …ports`.
 */
import { startForwarder } from './forwarder.ts'

const [host = '', ...ports] = process.argv.slice(2)
for (const port of ports.map(Number)) {
  await startForwarder({ listen: { host: '127.0.0.1', port }, to: { host, port } })
}
console.log('ready')
