import { connect, createServer, type Socket } from 'node:net'

export interface Address {
  host: string
  port: number
}

/** Passes TCP connections on. */
export interface Forwarder {
  stop(): Promise<void>
}

/** Listens at one address and connects each comer with another; when either end goes, so does the other. */
export async function startForwarder({ listen, to }: { listen: Address; to: Address }): Promise<Forwarder> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket, other: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      other.destroy()
    })
  }
  const server = createServer((near) => {
    const far = connect(to)
    keep(near, far)
    keep(far, near)
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((done, failed) => {
    server.once('error', failed)
    server.listen(listen.port, listen.host, done)
  })
  return {
    stop: () =>
      new Promise((done) => {
        server.close(() => done())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
