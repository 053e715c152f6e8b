import type { IceServers } from '../../protocol/api'
import type { IceTerms } from './link'
import { isPublicAddress } from './public-address'
import type { IcePolicy } from './way'

const TURN_URL = /^turns?:(\[[^\]]*\]|[^:?]*)/i

/** The TURN servers among them, without what else their entries name: a STUN server would be told our address. */
export function turnServers(servers: IceServers): IceServers {
  return servers.flatMap((server) => {
    const urls = server.urls.filter((url) => TURN_URL.test(url))
    return urls.length > 0 ? [{ ...server, urls }] : []
  })
}

export const iceTerms = (policy: IcePolicy, servers: IceServers): IceTerms => ({
  policy,
  iceServers: policy === 'relay' ? turnServers(servers) : servers,
})

/** Whether a TURN server of ours stands in a private network, as in a trial on one machine: then its relays do, too. */
export function isTurnLocal(servers: IceServers): boolean {
  const hosts = servers.flatMap(({ urls }) => urls.flatMap((url) => TURN_URL.exec(url)?.[1] ?? []))
  return hosts.some((host) => host === 'localhost' || (isLiteral(host) && !isPublicAddress(bare(host))))
}

const bare = (host: string) => host.replace(/^\[|\]$/g, '')
const isLiteral = (host: string) => host.startsWith('[') || /^[\d.]+$/.test(host)
