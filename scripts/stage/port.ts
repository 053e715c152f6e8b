import { connect, createServer } from 'node:net'
import { listenOnLoopback } from './loopback.ts'

/** Asks the operating system for a TCP port nobody listens on. Another process may still take it first. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listenOnLoopback(server)
  await new Promise((done) => server.close(done))
  return port
}

/** Whether something on this machine accepts connections at the port. */
export function portAnswers(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const settle = (open: boolean) => {
      socket.destroy()
      answer(open)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}
