import type { Server as HttpServer } from 'node:http'
import type { Server } from 'node:net'

/** Makes a server listen on 127.0.0.1 and returns its port: `port`, or a free one for 0. Rejects where that is taken. */
export async function listenOnLoopback(server: Server, port = 0): Promise<number> {
  await new Promise<void>((done, failed) => {
    server.once('error', failed)
    server.listen(port, '127.0.0.1', done)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  return address.port
}

/** Closes a server and the connections it knows of. */
export function closeServer(server: HttpServer): Promise<void> {
  return new Promise((done) => {
    server.close(() => done())
    server.closeAllConnections()
  })
}
