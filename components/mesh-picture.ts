import type { AboutView } from '../protocol/host-port'

export interface MeshNode {
  readonly id: string
  readonly x: number
  readonly y: number
  readonly kind: AboutView['links'][number]['kind']
  /** How quick it is. */
  readonly quality: 'good' | 'fair' | 'poor' | 'unknown'
}

/** Round trips (ms) up to which a link feels immediate, and good enough. */
const GOOD_MS = 150
const FAIR_MS = 400

export function qualityOf(rtt: number | undefined): MeshNode['quality'] {
  if (rtt === undefined) return 'unknown'
  if (rtt <= GOOD_MS) return 'good'
  return rtt <= FAIR_MS ? 'fair' : 'poor'
}

/** Our links around us, evenly, the first at the top. `width` and `height` of the picture; nodes keep `margin` to its edge. */
export function placeLinks(
  links: AboutView['links'],
  { width, height, margin }: { width: number; height: number; margin: number },
): MeshNode[] {
  return links.map(({ id, kind, rtt }, index) => {
    const angle = (2 * Math.PI * index) / links.length - Math.PI / 2
    const x = width / 2 + (width / 2 - margin) * Math.cos(angle)
    const y = height / 2 + (height / 2 - margin) * Math.sin(angle)
    return { id, kind, quality: qualityOf(rtt), x: Math.round(x), y: Math.round(y) }
  })
}
