import { decodeJwt, decodeProtectedHeader } from 'jose'
import { HUB } from './hub'
import { CONTRADICTIONS, DIGESTS } from './judgements'
import { ALICE, BOB, hex, ISSUER, JWKS } from './keys'
import { BAD_PASSPORTS, BAD_REVOCATIONS, BAD_RULINGS, REFUSALS } from './refusals'
import { SEALED } from './sealed'
import { ENVELOPES, NOW, PASSPORT, REVOCATIONS, RULINGS, STATEMENTS } from './statements'
import { WIRES } from './wires'

const people = Object.entries({ alice: ALICE, bob: BOB, issuer: ISSUER })
const described = (list: readonly (readonly [why: string, value: string])[], name: string) =>
  list.map(([why, value]) => ({ why, [name]: value }))

/** The vectors, by file. */
export const FILES: Readonly<Record<string, unknown>> = {
  'keys.json': Object.fromEntries(
    people.map(([name, { secret, publicKey, device }]) => [
      name,
      { curve: 'Ed25519', secret: hex(secret), publicKey: hex(publicKey), id: device },
    ]),
  ),
  'statements.json': STATEMENTS.map(({ vector }) => vector),
  'envelopes.json': ENVELOPES.map((envelope, index) => ({
    signal: STATEMENTS.length - ENVELOPES.length + index,
    bytes: hex(envelope),
  })),
  'sealed.json': SEALED,
  'wires.json': WIRES,
  'passports.json': {
    jwks: JWKS,
    now: NOW,
    good: [{ jwt: PASSPORT, header: decodeProtectedHeader(PASSPORT), claims: decodeJwt(PASSPORT) }],
    bad: described(BAD_PASSPORTS, 'jwt'),
  },
  'revocations.json': {
    jwks: JWKS,
    now: NOW,
    good: REVOCATIONS.map((jwt) => ({ jwt, header: decodeProtectedHeader(jwt), claims: decodeJwt(jwt) })),
    bad: described(BAD_REVOCATIONS, 'jwt'),
  },
  'rulings.json': {
    jwks: JWKS,
    good: RULINGS.map(({ vector: { note, bytes, sig } }) => ({ note, bytes, sig })),
    bad: BAD_RULINGS.map(([why, { vector }]) => ({ why, bytes: vector.bytes, sig: vector.sig })),
  },
  'contradictions.json': CONTRADICTIONS,
  'digests.json': DIGESTS,
  'hub.json': HUB,
  'refusals.json': Object.fromEntries(
    Object.entries(REFUSALS).map(([decoder, list]) => [decoder, described(list, 'bytes')]),
  ),
}
