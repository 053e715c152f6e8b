import { assert, integer, property, tuple, uint8Array } from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { MAX_PICTURE_BYTES } from '../../protocol/limits'
import { checkPicture, type Decode } from '../../worker/pictures/check'
import { decodeWebp } from '../../worker/pictures/decode'
import { checkStructure } from '../../worker/pictures/webp'
import { ProblemError } from '../../worker/problem'
import { type BadPicture, badByDecoding, badByStructure } from './support/bad-pictures'
import { riff } from './support/riff'
import { pattern, webp } from './support/webp'

let decodes = 0
const counting: Decode = (bytes) => {
  decodes += 1
  return decodeWebp(bytes)
}

const codeOf = (file: Uint8Array<ArrayBuffer>, decode = counting) =>
  checkPicture(file, decode).then(
    () => 'accepted',
    (error: unknown) => {
      if (!(error instanceof ProblemError)) throw error
      return error.code
    },
  )

/** In one test each, so that a list made by an encoder need not be made twice. */
async function expectRefused(pictures: BadPicture[]): Promise<void> {
  const answers = []
  for (const [what, , file] of pictures) answers.push([what, await codeOf(file)])
  expect(answers).toEqual(pictures.map(([what, code]) => [what, code]))
}

beforeEach(() => {
  decodes = 0
})

describe('a good picture', () => {
  it('is accepted, lossy or lossless, with transparency or without, and named by its hash', async () => {
    const files = [
      await webp(),
      await webp({ paint: pattern(1, 3) }),
      await webp({ lossless: true }),
      await webp({ lossless: true, paint: pattern(2, 9) }),
    ]
    const hashes = []
    for (const file of files) hashes.push(await checkPicture(file, counting))
    expect(new Set(hashes).size).toBe(4)
    for (const hash of hashes) expect(hash).toMatch(/^[\w-]{43}$/)
    expect(await checkPicture(files[0] ?? new Uint8Array())).toBe(hashes[0])
    expect(decodes).toBe(4)
  })

  it('may lie anywhere in a larger buffer', async () => {
    const file = await webp()
    const buffer = new Uint8Array(file.length + 7)
    buffer.set(file, 5)
    expect(await checkPicture(buffer.subarray(5, 5 + file.length))).toBe(await checkPicture(file))
  })
})

describe('a bad picture', () => {
  it('is refused by its structure, with the reason, before anything is decoded', async () => {
    const pictures = await badByStructure()
    expect(pictures.length).toBeGreaterThan(60)
    await expectRefused(pictures)
    expect(decodes).toBe(0)
  })

  it('is refused by decoding, where the structure shows nothing', async () => {
    const pictures = await badByDecoding()
    await expectRefused(pictures)
    expect(decodes).toBe(pictures.length)
  })

  it('is refused if the decoder sees another size than the header tells', async () => {
    const file = await webp()
    expect(await codeOf(file, async () => ({ width: 256, height: 255 }))).toBe('picture_broken')
    expect(await codeOf(file, async () => ({ width: 255, height: 256 }))).toBe('picture_broken')
  })

  it('does not hurt the next', async () => {
    const file = await webp()
    for (const [, , bad] of await badByDecoding()) await codeOf(bad)
    expect(await codeOf(file)).toBe('accepted')
    expect(await Promise.all([codeOf(file), codeOf(riff([])), codeOf(file)])).toEqual([
      'accepted',
      'picture_broken',
      'accepted',
    ])
  })
})

describe('the walk over a file', () => {
  const REASONS = new Set([
    'picture_not_webp',
    'picture_broken',
    'picture_animated',
    'picture_has_metadata',
    'picture_wrong_size',
  ])

  /** Whether the walk ended as it may. */
  function endsWell(bytes: Uint8Array): boolean {
    try {
      checkStructure(bytes)
      return true
    } catch (error) {
      return error instanceof ProblemError && REASONS.has(error.code)
    }
  }

  it('ends with a reason, whatever the bytes', () => {
    assert(
      property(uint8Array({ maxLength: 300 }), (bytes) => endsWell(bytes)),
      { numRuns: 2_000 },
    )
    const chunk = tuple(integer({ min: 0, max: 7 }), uint8Array({ maxLength: 40 }))
    const names = ['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'EXIF', 'nope']
    assert(
      property(chunk, chunk, chunk, (...chunks) =>
        endsWell(riff(chunks.map(([name, data]) => [names[name] ?? 'nope', new Uint8Array(data)]))),
      ),
      { numRuns: 2_000 },
    )
  })

  it('ends with a reason, wherever a good file was altered', async () => {
    const files = [await webp(), await webp({ lossless: true }), await webp({ paint: pattern(1, 3) })]
    const places = integer({ min: 0, max: 80 })
    const bytes = integer({ min: 0, max: 255 })
    assert(
      property(integer({ min: 0, max: 2 }), places, bytes, places, bytes, (which, p, a, q, b) => {
        const copy = (files[which] ?? new Uint8Array()).slice()
        copy[p] = a
        copy[q] = b
        return endsWell(copy)
      }),
      { numRuns: 3_000 },
    )
  })

  it('looks at no more chunks than a picture may have', () => {
    const empty = riff(Array.from({ length: MAX_PICTURE_BYTES / 8 }, () => ['ANIM', new Uint8Array()]))
    let reads = 0
    const watched = new Proxy(empty, {
      get(target, name) {
        if (name === 'subarray') reads += 1
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    expect(endsWell(watched)).toBe(true)
    expect(reads).toBeLessThan(100)
  })
})
