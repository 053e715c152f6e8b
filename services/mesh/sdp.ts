/** What a description (RFC 8866, JSEP) of one data channel has to say. */
export interface DataSdp {
  readonly session: string
  readonly version: string
  readonly mid: string
  readonly ufrag: string
  readonly password: string
  /** Hash and digest of the DTLS certificate. */
  readonly fingerprint: string
  readonly setup: string
  readonly sctpPort: string
  readonly maxMessageSize: string | undefined
  /** What stands behind `a=candidate:`, as it came. */
  readonly candidates: readonly string[]
}

const ORIGIN = /^o=\S+ (\d{1,20}) (\d{1,20}) IN IP[46] \S+$/
const MEDIA = /^m=application [1-9]\d{0,4} (UDP\/|TCP\/)?DTLS\/SCTP webrtc-datachannel$/
/** Each value as it may be, and no other: what is no token cannot smuggle an address. */
const ATTRIBUTES = {
  mid: /^[A-Za-z0-9_-]{1,16}$/,
  'ice-ufrag': /^[A-Za-z0-9+/]{4,64}$/,
  'ice-pwd': /^[A-Za-z0-9+/]{22,128}$/,
  fingerprint:
    /^sha-(256( [\dA-Fa-f]{2}(:[\dA-Fa-f]{2}){31})|384( [\dA-Fa-f]{2}(:[\dA-Fa-f]{2}){47})|512( [\dA-Fa-f]{2}(:[\dA-Fa-f]{2}){63}))$/i,
  setup: /^(actpass|active|passive)$/,
  'sctp-port': /^\d{1,5}$/,
  'max-message-size': /^\d{1,10}$/,
} as const
/** A description with more lines than this is not read. */
const MAX_LINES = 400

/** The parts of a description; `undefined` unless it describes exactly one data channel, without contradicting itself. */
export function parseDataSdp(sdp: string): DataSdp | undefined {
  const lines = sdp.split(/\r?\n/, MAX_LINES + 1)
  if (lines.length > MAX_LINES || lines[0] !== 'v=0') return undefined
  const [, session, version] = lines.map((line) => ORIGIN.exec(line)).find((match) => match) ?? []
  const media = lines.filter((line) => line.startsWith('m='))
  if (!session || !version || media.length !== 1 || !MEDIA.test(media[0] ?? '')) return undefined
  const only = (name: keyof typeof ATTRIBUTES) => onlyValue(lines, name)
  const mid = only('mid')
  const ufrag = only('ice-ufrag')
  const password = only('ice-pwd')
  const fingerprint = only('fingerprint')
  const setup = only('setup')
  if (!mid || !ufrag || !password || !fingerprint || !setup) return undefined
  return {
    session,
    version,
    mid,
    ufrag,
    password,
    fingerprint,
    setup,
    sctpPort: only('sctp-port') ?? '5000',
    maxMessageSize: only('max-message-size'),
    candidates: lines.flatMap((line) => (line.startsWith('a=candidate:') ? line.slice(12) : [])),
  }
}

/** The value of an attribute that is there, wherever; `undefined` when it is not, is malformed, or says two things. */
function onlyValue(lines: readonly string[], name: keyof typeof ATTRIBUTES): string | undefined {
  const prefix = `a=${name}:`
  const values = new Set(lines.flatMap((line) => (line.startsWith(prefix) ? line.slice(prefix.length) : [])))
  const [value] = values
  return values.size === 1 && value !== undefined && ATTRIBUTES[name].test(value) ? value : undefined
}

/** A description with nothing in it but these parts, and no address outside of its candidates. */
export function writeDataSdp(parts: DataSdp): string {
  return [
    'v=0',
    `o=- ${parts.session} ${parts.version} IN IP4 0.0.0.0`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${parts.mid}`,
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    ...parts.candidates.map((candidate) => `a=candidate:${candidate}`),
    `a=ice-ufrag:${parts.ufrag}`,
    `a=ice-pwd:${parts.password}`,
    `a=fingerprint:${parts.fingerprint}`,
    `a=setup:${parts.setup}`,
    `a=mid:${parts.mid}`,
    `a=sctp-port:${parts.sctpPort}`,
    ...(parts.maxMessageSize === undefined ? [] : [`a=max-message-size:${parts.maxMessageSize}`]),
    '',
  ].join('\r\n')
}
