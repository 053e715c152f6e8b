import { isAddress } from './public-address'

/** An ICE candidate (RFC 8839 §5.1) over UDP, for the one component that a data channel has. */
export interface Candidate {
  readonly foundation: string
  readonly priority: number
  readonly address: string
  readonly port: number
  readonly type: 'host' | 'srflx' | 'prflx' | 'relay'
}

const CANDIDATE =
  /^([A-Za-z0-9+/]{1,32}) 1 udp (\d{1,10}) ([^\s]{1,64}) (\d{1,5}) typ (host|srflx|prflx|relay)( |$)/i
/** The name by which a browser hides an address of its own network. */
const MDNS_NAME = /^[\da-f-]{36}\.local$/i

/** The candidate behind `a=candidate:`; `undefined` for one that cannot be read or serves nothing here, as over TCP. */
export function parseCandidate(line: string): Candidate | undefined {
  const [, foundation = '', priority = '', address = '', port = '', kind = ''] = CANDIDATE.exec(line) ?? []
  const type = asType(kind.toLowerCase())
  if (!type || Number(port) < 1 || Number(port) > 65_535 || Number(priority) > 0xffffffff) return undefined
  if (!isAddress(address) && !(type === 'host' && MDNS_NAME.test(address))) return undefined
  return { foundation, priority: Number(priority), address, port: Number(port), type }
}

/** Without what the browser added of its own: related address, network, generation. */
export function writeCandidate({ foundation, priority, address, port, type }: Candidate): string {
  const related = type === 'host' ? '' : ' raddr 0.0.0.0 rport 0'
  return `${foundation} 1 udp ${priority} ${address} ${port} typ ${type}${related}`
}

function asType(type: string): Candidate['type'] | undefined {
  return type === 'host' || type === 'srflx' || type === 'prflx' || type === 'relay' ? type : undefined
}
