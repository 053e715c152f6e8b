import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { concat, utf8 } from '../../../protocol/bytes'
import { decodeCanonical, encodeCanonical } from '../../../protocol/codec'
import { isConsentOf, termsIn, termsProtocol } from '../../../protocol/consent'
import { deviceIdSchema, devicePublicKey } from '../../../protocol/device'
import { decodeFrame } from '../../../protocol/frames'
import { MAX_CLOCK_AHEAD_MS, MAX_CONSENT_AGE_MS } from '../../../protocol/limits'
import { decodeMessage, messageId } from '../../../protocol/message'
import { keySetOf, verifyPassport, verifyPassportAt } from '../../../protocol/passport'
import { decodePresence } from '../../../protocol/presence'
import { decodeReport } from '../../../protocol/report'
import { verifyRevocation } from '../../../protocol/revocation'
import { verifyRoleGrantAt } from '../../../protocol/role'
import { channelRoom } from '../../../protocol/room-id'
import { decodeFromMember, decodeToMember } from '../../../protocol/room-socket'
import { checkRuling, decodeRuling } from '../../../protocol/ruling'
import { z } from '../../../protocol/schema'
import { openerOf } from '../../../protocol/sealed'
import { decodeEnvelope, decodeSignal, openSigned, sealedEnvelope } from '../../../protocol/signal'
import { isSignedBy } from '../../../protocol/signed'
import { decodeTyping } from '../../../protocol/typing'
import { EphemeralKey } from '../../../services/mesh/hub-keys'
import { HubSession, Inner } from '../../../services/mesh/hub-session'
import { FILES } from '../../vectors/files'
import { ANSWERER, OFFERER } from '../../vectors/hub'
import { ALICE, BOB, JWKS, unhex } from '../../vectors/keys'
import { BOBS_SEAL } from '../../vectors/sealed'
import { NONCE, NOW, ROOM, revived } from '../../vectors/statements'

const pathOf = (name: string) => new URL(`../../vectors/${name}`, import.meta.url)
const read = (name: string): unknown => JSON.parse(readFileSync(pathOf(name), 'utf8'))

if (process.env.UPDATE_VECTORS)
  for (const [name, content] of Object.entries(FILES))
    writeFileSync(pathOf(name), `${JSON.stringify(content, null, 2)}\n`)

it.each(Object.keys(FILES))('our code makes %s', (name) => {
  expect(JSON.parse(JSON.stringify(FILES[name]))).toEqual(read(name))
})

const statements = z
  .array(
    z.object({
      kind: z.enum(['message', 'presence', 'typing', 'ruling', 'signal', 'consent', 'report']),
      note: z.string(),
      fields: z.unknown(),
      bytes: z.string(),
      signingInputSha256: z.string(),
      sig: z.string(),
      id: z.string(),
    }),
  )
  .parse(read('statements.json'))

const decoders = {
  message: decodeMessage,
  presence: decodePresence,
  typing: decodeTyping,
  ruling: decodeRuling,
  signal: decodeSignal,
  report: decodeReport,
  // Nobody reads one: whoever checks it writes the same bytes anew.
  consent: decodeCanonical,
} as const

describe.each(statements)('a $kind: $note', (vector) => {
  const bytes = unhex(vector.bytes)
  const sig = unhex(vector.sig)
  const input = concat(utf8(`sidestream ${vector.kind} v1\0`), bytes)

  it('is read as its fields, and written as its bytes', () => {
    expect(decoders[vector.kind](bytes)).toEqual(revived(vector.fields))
    expect(encodeCanonical(revived(vector.fields))).toEqual(bytes)
  })

  it('has its id and its signature, by another implementation as well', async () => {
    expect(await messageId(bytes)).toBe(vector.id)
    expect(createHash('sha256').update(input).digest('hex')).toBe(vector.signingInputSha256)
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: ALICE.device }
    expect(verify(null, input, createPublicKey({ key: jwk, format: 'jwk' }), sig)).toBe(true)
    expect(await isSignedBy(ALICE.device, vector.kind, bytes, sig)).toBe(true)
  })

  it('is signed for one kind, by one device, as these bytes', async () => {
    for (const kind of ['message', 'presence', 'typing', 'ruling', 'signal', 'consent', 'report'] as const)
      expect(await isSignedBy(ALICE.device, kind, bytes, sig)).toBe(kind === vector.kind)
    expect(await isSignedBy(BOB.device, vector.kind, bytes, sig)).toBe(false)
    const changed = bytes.slice()
    changed[bytes.length - 1] = (changed.at(-1) ?? 0) ^ 1
    expect(await isSignedBy(ALICE.device, vector.kind, changed, sig)).toBe(false)
  })
})

it('a consent is its device’s word on one room', async () => {
  const { fields, sig } = statements.find(({ kind }) => kind === 'consent') ?? {}
  const words = z.object({ ms: z.int(), direct: z.boolean(), seal: z.instanceof(Uint8Array) })
  const { ms, direct, seal } = words.parse(revived(fields))
  const terms = { ms, direct, seal, sig: unhex(sig ?? '') }
  expect(await isConsentOf(ALICE.device, ROOM, terms, NOW)).toBe(true)
  expect(termsIn(termsProtocol(terms))).toEqual(terms)
  expect(await isConsentOf(BOB.device, ROOM, terms, NOW)).toBe(false)
  expect(await isConsentOf(ALICE.device, channelRoom('elsewhere'), terms, NOW)).toBe(false)
  expect(await isConsentOf(ALICE.device, ROOM, { ...terms, direct: !direct }, NOW)).toBe(false)
  expect(await isConsentOf(ALICE.device, ROOM, { ...terms, seal: new Uint8Array(32) }, NOW)).toBe(false)
  for (const off of [MAX_CONSENT_AGE_MS + 1, -MAX_CLOCK_AHEAD_MS - 1])
    expect(await isConsentOf(ALICE.device, ROOM, terms, ms + off)).toBe(false)
})

it('devices are named by their keys', () => {
  const keys = z.record(z.string(), z.object({ publicKey: z.string(), id: deviceIdSchema }))
  for (const { publicKey, id } of Object.values(keys.parse(read('keys.json'))))
    expect(devicePublicKey(id)).toEqual(unhex(publicKey))
})

describe('what travels', () => {
  const wire = z.array(z.object({ fields: z.unknown(), bytes: z.string() }))
  const wires = z.object({ frames: wire, fromMember: wire, toMember: wire }).parse(read('wires.json'))
  it.each([
    ['frames', (bytes: Uint8Array) => z.object({ frame: z.unknown() }).parse(decodeFrame(bytes)).frame],
    ['fromMember', decodeFromMember],
    ['toMember', decodeToMember],
  ] as const)('%s are read and written as they stand here', (name, decode) => {
    for (const { fields, bytes } of wires[name]) {
      expect(decode(unhex(bytes))).toEqual(revived(fields))
      expect(encodeCanonical(revived(fields))).toEqual(unhex(bytes))
    }
  })

  it('a signal goes with its signature', () => {
    const envelopes = z.array(z.object({ signal: z.int(), bytes: z.string() })).parse(read('envelopes.json'))
    for (const { signal, bytes } of envelopes) {
      const opened = openSigned(unhex(bytes))
      expect(opened.bytes).toEqual(unhex(statements[signal]?.bytes ?? ''))
      expect(opened.sig).toEqual(unhex(statements[signal]?.sig ?? ''))
    }
  })
})

describe('what is sealed', async () => {
  const text = z.string()
  const signal = z.object({ envelope: z.int(), enc: text, box: text, bytes: text })
  const { signals } = z.object({ signals: z.array(signal) }).parse(read('sealed.json'))
  const envelopes = z.array(z.object({ bytes: text })).parse(read('envelopes.json'))
  const { privateKey, publicKey, raw } = BOBS_SEAL
  const jwks = [privateKey, publicKey].map((key) => key.export({ format: 'jwk' }))
  const [own, open] = await Promise.all(
    jwks.map((jwk, at) =>
      crypto.subtle.importKey('jwk', jwk, 'X25519', at > 0, at > 0 ? [] : ['deriveBits']),
    ),
  )
  if (!own || !open) throw new Error('no keys')
  const opener = openerOf({ privateKey: own, publicKey: open }, raw)
  const route = { room: ROOM, from: ALICE.device, to: BOB.device }

  it.each(signals)('is written as it stands here, and opened by whom it is for', async (vector) => {
    const sealed = { enc: unhex(vector.enc), box: unhex(vector.box) }
    expect(decodeEnvelope(unhex(vector.bytes))).toEqual(sealed)
    expect(sealedEnvelope(sealed)).toEqual(unhex(vector.bytes))
    expect(await opener.open(sealed, route)).toEqual(unhex(envelopes[vector.envelope]?.bytes ?? ''))
    for (const other of [{ from: BOB.device }, { to: ALICE.device }, { room: channelRoom('elsewhere') }])
      await expect(opener.open(sealed, { ...route, ...other })).rejects.toThrow()
  })
})

describe('passports', () => {
  const token = z.object({ jwt: z.string(), why: z.string().default(''), claims: z.unknown().optional() })
  const { good, bad } = z.object({ good: z.array(token), bad: z.array(token) }).parse(read('passports.json'))
  const keys = keySetOf(JWKS)

  it.each(good)('hold for whom they name', async ({ jwt, claims }) => {
    expect(await verifyPassport(jwt, keys, NOW)).toEqual(claims)
  })

  it.each(bad)('are refused: $why', async ({ jwt }) => {
    await expect(verifyPassport(jwt, keys, NOW)).rejects.toThrow()
  })
})

describe('revocations', () => {
  const token = z.object({ jwt: z.string(), why: z.string().default(''), claims: z.unknown().optional() })
  const { good, bad } = z
    .object({ good: z.array(token), bad: z.array(token) })
    .parse(read('revocations.json'))
  const keys = keySetOf(JWKS)

  it.each(good)('name whose passports count no more', async ({ jwt, claims }) => {
    expect(await verifyRevocation(jwt, keys, NOW)).toEqual(claims)
    await expect(verifyPassport(jwt, keys, NOW)).rejects.toThrow()
  })

  it.each(bad)('are refused: $why', async ({ jwt }) => {
    await expect(verifyRevocation(jwt, keys, NOW)).rejects.toThrow()
  })
})

describe('rulings', () => {
  const signed = z.object({ bytes: z.string(), sig: z.string(), why: z.string().default('') })
  const { good, bad } = z.object({ good: z.array(signed), bad: z.array(signed) }).parse(read('rulings.json'))
  const keys = keySetOf(JWKS)
  const check = (bytes: Uint8Array<ArrayBuffer>, sig: Uint8Array<ArrayBuffer>) =>
    checkRuling(
      decodeRuling(bytes),
      { bytes, sig },
      {
        passportAt: (jwt, ms) => verifyPassportAt(jwt, keys, ms),
        roleAt: (jwt, ms) => verifyRoleGrantAt(jwt, keys, ms),
      },
    )

  it.each(good)('hold for whom they name', async ({ bytes, sig }) => {
    expect(await check(unhex(bytes), unhex(sig))).toMatchObject({ passport: { device: ALICE.device } })
  })

  it.each(bad)('are refused: $why', async ({ bytes, sig }) => {
    expect(await check(unhex(bytes), unhex(sig))).toHaveProperty('fault')
  })
})

describe('what must be refused', () => {
  const lists = z.record(z.string(), z.array(z.object({ why: z.string(), bytes: z.string() })))
  const refusing: Record<string, (bytes: Uint8Array) => unknown> = {
    codec: decodeCanonical,
    frame: (bytes) => {
      const decoded = decodeFrame(bytes)
      if ('fault' in decoded) throw new Error(decoded.fault)
    },
    message: decodeMessage,
    presence: decodePresence,
    ruling: decodeRuling,
    signal: decodeSignal,
    envelope: decodeEnvelope,
    fromMember: decodeFromMember,
    toMember: decodeToMember,
  }
  const cases = Object.entries(lists.parse(read('refusals.json'))).flatMap(([decoder, list]) =>
    list.map(({ why, bytes }) => ({ decoder, why, bytes })),
  )
  it.each(cases)('by $decoder: $why', ({ decoder, bytes }) => {
    const decode = refusing[decoder]
    expect(decode).toBeDefined()
    expect(() => decode?.(unhex(bytes))).toThrow()
    // Only the codec's own must not even be canonical: everywhere else the schema says no.
    if (decoder !== 'codec') expect(() => decodeCanonical(unhex(bytes))).not.toThrow()
  })
})

describe('a hub link', () => {
  const frames = z.array(z.object({ type: z.int(), body: z.string(), sealed: z.string() }))
  const vector = z.object({ fromOfferer: frames, fromAnswerer: frames }).parse(read('hub.json'))
  const transcript = {
    room: ROOM,
    nonce: NONCE,
    offerer: ALICE.device,
    answerer: BOB.device,
    offererKey: OFFERER.raw,
    answererKey: ANSWERER.raw,
  }

  /** Our code with a secret of ours instead of a random one. */
  async function sessionOf(pair: typeof OFFERER): Promise<HubSession> {
    const jwk = pair.privateKey.export({ format: 'jwk' })
    const privateKey = await crypto.subtle.importKey('jwk', jwk, 'X25519', false, ['deriveBits'])
    const publicKey = await crypto.subtle.importKey('raw', pair.raw, 'X25519', true, [])
    const generate = vi.spyOn(crypto.subtle, 'generateKey')
    generate.mockResolvedValueOnce({ privateKey, publicKey } as never)
    const key = await EphemeralKey.create()
    generate.mockRestore()
    expect(key.publicKey).toEqual(pair.raw)
    return new HubSession(NONCE, await key.agree(transcript, pair === OFFERER))
  }

  it('has the same keys and seals alike, by another implementation as well', async () => {
    const ends = [
      { from: await sessionOf(OFFERER), to: await sessionOf(ANSWERER), frames: vector.fromOfferer },
      { from: await sessionOf(ANSWERER), to: await sessionOf(OFFERER), frames: vector.fromAnswerer },
    ]
    for (const { from, to, frames } of ends)
      for (const { type, body, sealed } of frames) {
        const inner = Object.values(Inner).find((known) => known === type) ?? Inner.close
        expect(await from.seal(inner, unhex(body))).toEqual(unhex(sealed))
        expect(await to.open(unhex(sealed))).toEqual({ type, body: unhex(body) })
      }
  })
})
