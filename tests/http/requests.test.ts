import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { profilePictureSchema } from '../../protocol/api'
import { MAX_BODY_BYTES, MAX_PICTURE_BYTES } from '../../protocol/limits'
import { plainPicture } from './plain-picture'
import { CUT_OFF, raw, refusalOf, upload } from './raw'
import { openStand, type Stand } from './stand'

const EXTENSION = 'chrome-extension://jjcmgcjjkfaoelolhidopeebdigcohpg'
const PICTURE_PATH = '/user/profile-picture'

let stand: Stand

beforeAll(async () => {
  stand = await openStand()
}, 90_000)

afterAll(async () => {
  await stand?.stop()
}, 60_000)

describe('bodies', () => {
  const json = { 'Content-Type': 'application/json' }

  it('of 50 MB are refused by what they announce', async () => {
    const large = { megabytes: 50, announced: true }
    const picture = await upload(stand.origin, {
      path: PICTURE_PATH,
      headers: { 'Content-Type': 'image/webp' },
      ...large,
    })
    expect([picture.status, refusalOf(picture)]).toEqual([413, 'picture_too_large'])
    const other = await upload(stand.origin, { path: '/auth/code', headers: json, ...large })
    expect([other.status, refusalOf(other)]).toEqual([413, 'body_too_large'])
    expect((await raw(stand.origin, { path: '/health' })).status).toBe(200)
  }, 30_000)

  it('of 50 MB are not read to the end if they announce nothing', async () => {
    const { accessToken } = stand.session
    const DPoP = await stand.viewer.proof({ method: 'POST', path: PICTURE_PATH, accessToken })
    const picture = { 'Content-Type': 'image/webp', Authorization: `DPoP ${accessToken}`, DPoP }
    for (const [path, headers] of [
      [PICTURE_PATH, picture],
      ['/auth/code', json],
    ] as const) {
      // Whoever goes on sending may find the connection cut instead of the answer: by `wrangler dev`, as 500.
      const { status, sent } = await upload(stand.origin, { path, headers, megabytes: 50, announced: false })
      expect([413, 500, CUT_OFF]).toContain(status)
      expect(sent).toBeLessThan(50)
    }
    const { body } = await stand.asked('GET', PICTURE_PATH)
    expect(JSON.parse(body.toString())).toEqual({ avatar: null })
  }, 30_000)

  it.each([
    ['a JSON body', '/auth/code', 'application/json', MAX_BODY_BYTES, 'body_too_large'],
    ['a picture', PICTURE_PATH, 'image/webp', MAX_PICTURE_BYTES, 'picture_too_large'],
  ])('are refused from the first byte above the limit: %s', async (_, path, type, limit, code) => {
    for (const more of [{}, { 'Transfer-Encoding': 'chunked' }]) {
      const sized = async (length: number) => {
        const headers = { 'Content-Type': type, ...more }
        return refusalOf(await stand.asked('POST', path, { headers, body: new Uint8Array(length) }))
      }
      expect(await sized(limit)).not.toBe(code)
      expect(await sized(limit + 1)).toBe(code)
    }
  })

  it('that are no JSON, or not said to be, are refused', async () => {
    const send = async (headers: Record<string, string>, body: string) =>
      raw(stand.origin, { method: 'POST', path: '/auth/code', headers, body })
    for (const body of ['{', '[]', 'null', '"x"', '{"email":1}'])
      expect((await send(json, body)).status, body).toBe(400)
    expect(refusalOf(await send({ 'Content-Type': 'text/plain' }, '{}'))).toBe('unsupported_media_type')
  })
})

describe('a picture', () => {
  const file = plainPicture(10, 200, 90)
  let path: string
  const hash = () => path.split('/').at(-1)

  beforeAll(async () => {
    const answer = await stand.asked('POST', PICTURE_PATH, {
      headers: { 'Content-Type': 'image/webp' },
      body: file,
    })
    const { avatar } = profilePictureSchema.parse(JSON.parse(answer.body.toString()))
    path = `/pictures/${stand.session.account}/${avatar}`
  })

  it('is given whole, as what it is', async () => {
    const answer = await raw(stand.origin, { path })
    expect([answer.status, answer.body]).toEqual([200, Buffer.from(file)])
    expect(answer.headers).toMatchObject({
      etag: `"${hash()}"`,
      'content-type': 'image/webp',
      'x-content-type-options': 'nosniff',
    })
  })

  it.each([
    ['bytes=0-3', 206, [0, 4]],
    ['bytes=4-', 206, [4, file.length]],
    ['bytes=-5', 206, [file.length - 5, file.length]],
    ['bytes=0-999999', 206, [0, file.length]],
    ['bytes=5-1', 200, [0, file.length]],
    ['bytes=0-1,3-4', 200, [0, file.length]],
    ['apples=0-1', 200, [0, file.length]],
  ])('in the range %s is a %i', async (Range, status, [from, to]) => {
    const answer = await raw(stand.origin, { path, headers: { Range } })
    expect([answer.status, answer.body]).toEqual([status, Buffer.from(file.slice(from, to))])
    const range = status === 206 ? `bytes ${from}-${(to ?? 0) - 1}/${file.length}` : undefined
    expect(answer.headers['content-range']).toBe(range)
  })

  it.each([`bytes=${file.length}-`, 'bytes=-0', 'bytes=999999999999999-'])(
    'has nothing in %s',
    async (Range) => {
      const answer = await raw(stand.origin, { path, headers: { Range } })
      expect([answer.status, refusalOf(answer)]).toEqual([416, 'range_not_satisfiable'])
      expect(answer.headers['content-range']).toBe(`bytes */${file.length}`)
    },
  )

  it('is not sent to whoever has it', async () => {
    for (const tag of [`"${hash()}"`, `W/"${hash()}"`, `"other", "${hash()}"`, '*']) {
      const answer = await raw(stand.origin, { path, headers: { 'If-None-Match': tag } })
      expect([answer.status, answer.body.length], tag).toEqual([304, 0])
    }
    const other = await raw(stand.origin, { path, headers: { 'If-None-Match': '"other"' } })
    expect(other.status).toBe(200)
    const stale = await raw(stand.origin, { path, headers: { Range: 'bytes=0-3', 'If-Range': '"other"' } })
    expect(stale.status).toBe(200)
  })

  it('lies nowhere else', async () => {
    const { account } = stand.session
    const elsewhere = [
      `/pictures/${account}/..%2f${account}%2f${hash()}`,
      `/pictures/${account}%2f${hash()}`,
      `/pictures/%2e%2e/${account}/${hash()}`,
      `/pictures/${account}/${hash()}%00`,
      `/pictures/${account}/${hash()}%2f`,
      `/pictures/${account}/%ff`,
      `/pictures/${account}/%`,
      `/pictures//${hash()}`,
    ]
    for (const each of elsewhere) {
      const { status } = await raw(stand.origin, { path: each })
      expect([400, 404], each).toContain(status)
    }
    expect((await raw(stand.origin, { path: path.replace('/pictures', '/%70ictures') })).status).toBeLessThan(
      500,
    )
  })
})

describe('other origins', () => {
  const preflight = (Origin: string) =>
    raw(stand.origin, {
      method: 'OPTIONS',
      path: '/auth/code',
      headers: {
        Origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-type,dpop',
      },
    })

  it.each([EXTENSION, 'moz-extension://0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'])(
    'are let in: %s',
    async (Origin) => {
      const answer = await preflight(Origin)
      expect([answer.status, answer.body.length]).toEqual([204, 0])
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': Origin,
        'access-control-allow-methods': expect.stringContaining('POST'),
        'access-control-allow-headers': expect.stringMatching(/Content-Type.*DPoP/),
        vary: expect.stringContaining('Origin'),
      })
      expect(answer.headers).not.toHaveProperty('access-control-allow-credentials')
    },
  )

  it.each([
    'https://www.twitch.tv',
    'null',
    'chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    `${EXTENSION}.evil.test`,
  ])('are kept out: %s', async (Origin) => {
    for (const answer of [
      await preflight(Origin),
      await raw(stand.origin, { path: '/health', headers: { Origin } }),
    ]) {
      expect([answer.status, refusalOf(answer)]).toEqual([403, 'origin_not_allowed'])
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
    }
  })
})
