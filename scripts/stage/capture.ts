import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Network } from './network.ts'
import { type Packet, packetsIn } from './packets.ts'
import { startUntilReady } from './ready-process.ts'

/** A record of every packet on the line of a network of a browser's own. */
export interface Capture {
  /** What was seen until now; in order of time, both ways. */
  packets(): Promise<Packet[]>
  /** Ends it; all that was seen. */
  stop(): Promise<Packet[]>
}

let count = 0

/**
 * Starts tcpdump in the network and returns once it listens.
 *
 * @throws with what tcpdump says, also where it is not installed.
 */
export async function startCapture(network: Pick<Network, 'command' | 'dir'>): Promise<Capture> {
  const file = join(network.dir, `${++count}.pcap`)
  // As root, because we read the file; a packet is in it as soon as it was seen.
  const words = network.command(
    ...['tcpdump', '-i', 'eth0', '-n', '-p', '-s', '0', '-U', '--immediate-mode', '-Z', 'root', '-w', file],
  )
  const tree = await startUntilReady(words, (line) => line.includes('listening on'))
  const packets = async () => packetsIn(await readFile(file))
  return {
    packets,
    async stop() {
      await tree.stop()
      return packets()
    },
  }
}
