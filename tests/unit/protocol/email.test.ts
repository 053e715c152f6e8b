import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalEmail, emailSchema } from '../../../protocol/email'

const asciiFolded = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/** Code points that some folding or other takes for ASCII, and all kinds of others. */
const tricky = [...'abkis.+-AKIS019ßſKKİıﬁªｖｖⅷ①²äÄé、。．·­​‍٠öЅѕ\u0301\ud800\ufffd\u0000\u007f \t%/?#!*']
const local = fc.oneof(
  fc.string({ unit: fc.constantFrom(...tricky), minLength: 1, maxLength: 4 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }),
)
const domain = fc.constantFrom(
  'host.test',
  'HOST.test',
  'hoﬆ.test',
  'host.test.',
  'ho%73t.test',
  'münchen.test',
  'MÜNCHEN.test',
  'mu\u0308nchen.test',
  'xn--mnchen-3ya.test',
  'straße.test',
  'strasse.test',
)
const address = fc.tuple(local, domain).map((parts) => parts.join('@'))

describe('an e-mail address', () => {
  it.each([
    ['viewer@example.com', 'viewer@example.com'],
    [' Viewer.Name+Tag@Example.COM\n', 'viewer.name+tag@example.com'],
    ['o/h!#$%&*=?^_`{|}~-r@a-b.c9.example', 'o/h!#$%&*=?^_`{|}~-r@a-b.c9.example'],
    ['zoë@example.com', 'zoë@example.com'],
    ['ZoË@example.com', 'zoË@example.com'],
    ['weiß@example.com', 'weiß@example.com'],
    ['İ@example.com', 'İ@example.com'],
    ['me@münchen.example', 'me@xn--mnchen-3ya.example'],
    ['me@MÜNCHEN.example', 'me@xn--mnchen-3ya.example'],
    ['me@xn--mnchen-3ya.example', 'me@xn--mnchen-3ya.example'],
    ['me@straße.example', 'me@xn--strae-oqa.example'],
    ['me@example.xn--p1ai', 'me@example.xn--p1ai'],
  ])('%j is %j', (typed, canonical) => {
    expect(canonicalEmail(typed)).toBe(canonical)
    expect(emailSchema.parse(typed)).toBe(typed.trim())
  })

  it.each([
    ['fullwidth', 'ｖictim@example.com'],
    ['ligature', 'ﬁona@example.com'],
    ['ordinal', 'ªnn@example.com'],
    ['Kelvin sign', '\u212Aim@example.com'],
    ['long s', 'ſam@example.com'],
    ['decomposed', 'zoe\u0308@example.com'],
    ['fullwidth at', 'victim＠example.com'],
    ['fullwidth domain', 'victim@ｅxample.com'],
    ['ideographic dot', 'victim@example。com'],
    ['soft hyphen', 'vic\u00ADtim@example.com'],
    ['zero-width space', 'vic\u200Btim@example.com'],
    ['soft hyphen in the domain', 'victim@exam\u00ADple.com'],
    ['half a surrogate pair', 'victim\ud800@example.com'],
    ['NUL', 'victim\0@example.com'],
    ['escapes', 'victim@ex%61mple.com'],
    ['path', 'victim@example.com/x.y'],
    ['port', 'victim@example.com:25'],
    ['query', 'victim@example.com?x.y'],
    ['IPv4', 'victim@1.2.3'],
    ['hexadecimal IPv4', 'victim@127.0.0.0x1'],
    ['IPv6', 'victim@[::1]'],
    ['no dot', 'victim@localhost'],
    ['empty label', 'victim@example..com'],
    ['dot at the end', 'victim@example.com.'],
    ['hyphen first', 'victim@-example.com'],
    ['two', 'victim@example.com,other@example.com'],
    ['two at', 'victim@other@example.com'],
    ['name', 'Victim <victim@example.com>'],
    ['quoted', '"victim"@example.com'],
    ['comment', 'victim(x)@example.com'],
    ['line', 'victim\nBcc:other@example.com'],
    ['broken punycode', 'victim@xn--a.com'],
    ['too long', `victim@${'a.'.repeat(124)}com`],
    ['nothing', ''],
  ])('is none with %s', (_, typed) => {
    expect(canonicalEmail(typed)).toBeUndefined()
    expect(emailSchema.safeParse(typed).success).toBe(false)
  })

  it('is known alike only if it differs in the case of ASCII letters and in how its domain is spelt', () => {
    let taken = 0
    fc.assert(
      fc.property(address, (typed) => {
        const canonical = canonicalEmail(typed)
        if (canonical === undefined) return
        taken++
        const [name = '', host = ''] = typed.trim().split('@')
        const mailbox = `${asciiFolded(name)}@${new URL(`https://${host}`).hostname}`
        expect(canonical).toBe(mailbox)
        // What mail goes to is an address by itself, and the same one.
        expect(canonicalEmail(canonical)).toBe(canonical)
      }),
      { numRuns: 5_000 },
    )
    expect(taken).toBeGreaterThan(200)
  })
})
