import { createExecutionContext, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { passportResponseSchema, profilePictureSchema } from '../../protocol/api'
import { MAX_PICTURE_BYTES } from '../../protocol/limits'
import { keySetOf, verifyPassport } from '../../protocol/passport'
import { picturePath } from '../../protocol/picture'
import { app } from '../../worker/app'
import { DAY_MS, DEVICE_PACES, MAX_PICTURES_PER_DAY, PICTURE_LEASE_MS } from '../../worker/limits'
import { AccountPicture } from '../../worker/objects/account-picture'
import { AccountRow } from '../../worker/objects/account-row'
import { PictureRows } from '../../worker/objects/picture-rows'
import type { PictureBucket } from '../../worker/ports'
import { badByDecoding, badByStructure } from './support/bad-pictures'
import { atTime } from './support/clock'
import { newDevice, proof } from './support/device'
import { askToken, authed, signIn, type Viewer } from './support/viewer'
import { pattern, webp } from './support/webp'
import { call, codeOf, ORIGIN, workerEnv } from './support/worker'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const PATH = '/user/profile-picture'
/** As a hash looks. */
const NEW = 'new'.padEnd(43, 'A')
type Bytes = Uint8Array<ArrayBuffer>

interface Upload {
  headers?: Record<string, string>
  bucket?: PictureBucket
}

/** The request that the extension makes. */
async function upload(
  { device, accessToken }: Viewer,
  body: Bytes | ReadableStream,
  { headers = {}, bucket = env.PICTURES }: Upload = {},
): Promise<Response> {
  const request = new Request(ORIGIN + PATH, {
    method: 'POST',
    body,
    headers: {
      'Content-Type': 'image/webp',
      ...(body instanceof Uint8Array && { 'Content-Length': String(body.length) }),
      Authorization: `DPoP ${accessToken}`,
      DPoP: await proof(device, { method: 'POST', path: PATH, accessToken }),
      ...headers,
    },
  })
  return app.fetch(request, { ...workerEnv, PICTURES: bucket }, createExecutionContext())
}

const avatarOf = async (response: Response) => profilePictureSchema.parse(await response.json()).avatar

/** Uploads and returns the path under which everybody reads it. */
async function given(viewer: Viewer, file: Bytes): Promise<string> {
  const avatar = await avatarOf(await upload(viewer, file))
  return picturePath(viewer.account, avatar ?? '')
}

const view = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  call(method, path, { headers })

async function passportOf(viewer: Viewer) {
  const { passport } = passportResponseSchema.parse(await (await authed(viewer, 'POST', '/passport')).json())
  const jwks: { keys: object[] } = await (await call('GET', '/.well-known/jwks.json')).json()
  return verifyPassport(passport, keySetOf({ keys: jwks.keys as { kty: string }[] }), Date.now())
}

const stored = async (viewer: Viewer) =>
  (await env.PICTURES.list({ prefix: `${viewer.account}/` })).objects.map(({ key }) => key)

const seeded = (seed: number) => webp({ paint: pattern(seed) })

/** A device more of the same account: each has a pace of its own. */
async function another(viewer: Viewer): Promise<Viewer> {
  const device = await newDevice()
  const { account } = viewer
  await env.ACCOUNTS.getByName(account).register({ account, device: device.id, seal: device.seal })
  const { accessToken }: { accessToken: string } = await (await askToken(device, account)).json()
  return { ...viewer, device, accessToken }
}

describe('a profile picture', () => {
  it('is given, named in the passport, seen by everybody, replaced and removed', async () => {
    const viewer = await signIn()
    expect(await avatarOf(await authed(viewer, 'GET', PATH))).toBeNull()
    const { avatar: none, ver } = await passportOf(viewer)
    expect(none).toBeUndefined()

    const [one, two] = [await seeded(1), await seeded(2)]
    const first = await given(viewer, one)
    const named = await passportOf(viewer)
    expect(picturePath(viewer.account, named.avatar ?? '')).toBe(first)
    expect(named.ver).toBe(ver + 1)
    expect(await avatarOf(await authed(viewer, 'GET', PATH))).toBe(named.avatar)
    expect(await (await view(first)).bytes()).toEqual(one)

    const second = await given(viewer, two)
    expect(second).not.toBe(first)
    expect((await passportOf(viewer)).ver).toBe(ver + 2)
    expect(await codeOf(await view(first))).toBe('not_found')
    expect(await (await view(second)).bytes()).toEqual(two)
    expect(await stored(viewer)).toHaveLength(1)

    expect(await avatarOf(await authed(viewer, 'DELETE', PATH))).toBeNull()
    const bare = await passportOf(viewer)
    expect([bare.avatar, bare.ver]).toEqual([undefined, ver + 3])
    expect(await codeOf(await view(second))).toBe('not_found')
    expect(await stored(viewer)).toEqual([])
    expect((await authed(viewer, 'DELETE', PATH)).status).toBe(200)
    expect((await passportOf(viewer)).ver).toBe(ver + 3)
  })

  it('given twice is one, and may come back after another', async () => {
    const viewer = await signIn()
    const [one, two] = [await seeded(1), await seeded(2)]
    const first = await given(viewer, one)
    expect(await given(viewer, one)).toBe(first)
    expect((await passportOf(viewer)).ver).toBe(2)
    await given(viewer, two)
    expect(await given(viewer, one)).toBe(first)
    expect(await (await view(first)).bytes()).toEqual(one)
    expect(await stored(viewer)).toHaveLength(1)
  })

  it('of two people is two, though it be the same', async () => {
    const [ann, bob] = [await signIn(), await signIn()]
    const file = await seeded(1)
    const [hers, his] = [await given(ann, file), await given(bob, file)]
    await authed(ann, 'DELETE', PATH)
    expect((await view(hers)).status).toBe(404)
    expect((await view(his)).status).toBe(200)
  })

  it('uploaded twice at once leaves one, which the passport names', async () => {
    const viewer = await signIn()
    const answers = await Promise.all([1, 2, 3, 4].map(async (seed) => upload(viewer, await seeded(seed))))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    const { avatar, ver } = await passportOf(viewer)
    expect(ver).toBe(5)
    expect(await stored(viewer)).toEqual([`${viewer.account}/${avatar}`])
  })
})

describe('POST /user/profile-picture', () => {
  it('is for members', async () => {
    const body = await seeded(1)
    const headers = { 'Content-Type': 'image/webp' }
    const request = new Request(ORIGIN + PATH, { method: 'POST', body, headers })
    expect(await codeOf(await app.fetch(request, workerEnv, createExecutionContext()))).toBe('token_invalid')
    expect(await codeOf(await call('GET', PATH))).toBe('token_invalid')
    expect(await codeOf(await call('DELETE', PATH))).toBe('token_invalid')
  })

  it('refuses bad files and stores nothing of them', async () => {
    let viewer = await signIn()
    const seen = new Set<string>()
    let sent = 0
    for (const [, code, file] of [...(await badByStructure()), ...(await badByDecoding())]) {
      if (seen.has(code)) continue
      seen.add(code)
      if (sent++ % 4 === 3) viewer = await signIn()
      const put = vi.spyOn(env.PICTURES, 'put')
      const response = await upload(viewer, file)
      expect(await codeOf(response)).toBe(code)
      expect([415, 422]).toContain(response.status)
      expect(put).not.toHaveBeenCalled()
      put.mockRestore()
    }
    expect(seen.size).toBe(5)
    expect(await stored(viewer)).toEqual([])
  })

  it.each(['image/png', 'image/webp; charset=utf-8', 'application/json', 'text/html', 'image/webpx'])(
    'refuses %s before it asks who sends it',
    async (type) => {
      const headers = { 'Content-Type': type }
      const request = new Request(ORIGIN + PATH, { method: 'POST', body: new Uint8Array(9), headers })
      const response = await app.fetch(request, workerEnv, createExecutionContext())
      expect(await codeOf(response)).toBe('picture_not_webp')
      expect(response.status).toBe(415)
    },
  )

  /** 50 MB, made while it is read. */
  function flood() {
    let sent = 0
    const body = new ReadableStream(
      {
        pull(controller) {
          sent += 10_000
          controller.enqueue(new Uint8Array(10_000))
          if (sent >= 50_000_000) controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    return { body, sent: () => sent }
  }

  it('refuses 50 MB by the announced length, unread and from anybody', async () => {
    const { body, sent } = flood()
    const headers = { 'Content-Type': 'image/webp', 'Content-Length': '50000000' }
    const request = new Request(ORIGIN + PATH, { method: 'POST', body, headers })
    const response = await app.fetch(request, workerEnv, createExecutionContext())
    expect(await codeOf(response)).toBe('picture_too_large')
    expect(response.status).toBe(413)
    expect(sent()).toBe(0)
  })

  it('refuses 50 MB without a length as soon as it grew too large', async () => {
    const { body, sent } = flood()
    expect(await codeOf(await upload(await signIn(), body))).toBe('picture_too_large')
    expect(sent()).toBeLessThan(MAX_PICTURE_BYTES + 40_000)
  })

  it('takes the largest allowed to the decoder, and not one byte more', async () => {
    const viewer = await signIn()
    // Noise costs most: this one fills the limit but for its padding.
    const full = new Uint8Array(MAX_PICTURE_BYTES)
    expect(await codeOf(await upload(viewer, full))).toBe('picture_not_webp')
    expect(await codeOf(await upload(viewer, new Uint8Array(MAX_PICTURE_BYTES + 1)))).toBe(
      'picture_too_large',
    )
    const lying = { 'Content-Length': '100' }
    const lie = new Uint8Array(MAX_PICTURE_BYTES + 1)
    expect(await codeOf(await upload(viewer, lie, { headers: lying }))).toBe('picture_too_large')
  })

  it('is paced for each device', async () => {
    const viewer = await signIn()
    const file = await seeded(1)
    for (let count = 0; count < DEVICE_PACES.picture.burst; count++)
      expect((await upload(viewer, file)).status).toBe(200)
    const refused = await upload(viewer, file)
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect(await codeOf(refused)).toBe('rate_limited')
    expect((await upload(await another(viewer), file)).status).toBe(200)
  })

  it('is limited a day for each account, whatever the device', async () => {
    const viewer = await signIn()
    const account = env.ACCOUNTS.getByName(viewer.account)
    const fake = (seed: number) => account.setPicture(`hash-${seed}`, new Uint8Array([seed]))
    for (let seed = 0; seed < MAX_PICTURES_PER_DAY; seed++)
      expect(await fake(seed)).toMatchObject({ outcome: 'done' })
    const refused = await upload(viewer, await seeded(99))
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(DAY_MS / 1000 - 600)
    expect(await stored(viewer)).toEqual([`${viewer.account}/hash-${MAX_PICTURES_PER_DAY - 1}`])
    atTime(Date.now() + DAY_MS + 1_000)
    expect(await fake(99)).toMatchObject({ outcome: 'done' })
  })
})

describe('GET /pictures/:account/:hash', () => {
  it('lets browsers keep it for ever, and open it as nothing but an image', async () => {
    const viewer = await signIn()
    const file = await seeded(1)
    const path = await given(viewer, file)
    const { status, headers } = await view(path)
    expect(status).toBe(200)
    expect(headers.get('Content-Type')).toBe('image/webp')
    expect(headers.get('Content-Length')).toBe(String(file.length))
    expect(headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable')
    expect(headers.get('ETag')).toBe(`"${path.split('/').at(-1)}"`)
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(headers.get('Content-Security-Policy')).toContain('sandbox')
    expect(headers.get('Content-Security-Policy')).toContain("default-src 'none'")
    expect(headers.get('Content-Disposition')).toContain('attachment')
    expect(headers.get('Cross-Origin-Resource-Policy')).toBe('cross-origin')
    expect(headers.get('Referrer-Policy')).toBe('no-referrer')
    expect(headers.has('Set-Cookie')).toBe(false)
    expect(headers.has('DPoP-Nonce')).toBe(false)
  })

  it('answers HEAD without asking for the file', async () => {
    const viewer = await signIn()
    const file = await seeded(1)
    const path = await given(viewer, file)
    const get = vi.spyOn(env.PICTURES, 'get')
    const head = await view(path, { Range: 'bytes=0-3' }, 'HEAD')
    expect(get).not.toHaveBeenCalled()
    expect(head.status).toBe(200)
    expect(head.headers.get('Content-Length')).toBe(String(file.length))
    expect(head.headers.get('ETag')).toBeTruthy()
    expect(await head.bytes()).toHaveLength(0)
    expect((await view(`${path.slice(0, -1)}A`, {}, 'HEAD')).status).toBe(404)
  })

  it('answers 304 to who has it, unless it was removed', async () => {
    const viewer = await signIn()
    const path = await given(viewer, await seeded(1))
    const etag = (await view(path)).headers.get('ETag') ?? ''
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const response = await view(path, { 'If-None-Match': known })
      expect(response.status).toBe(304)
      expect(response.headers.get('ETag')).toBe(etag)
      expect(response.headers.get('Cache-Control')).toContain('immutable')
      expect(await response.bytes()).toHaveLength(0)
    }
    expect((await view(path, { 'If-None-Match': '"x"' })).status).toBe(200)
    // Range comes after the condition (RFC 9110 §13.2.2).
    expect((await view(path, { 'If-None-Match': etag, Range: 'bytes=0-1' })).status).toBe(304)
    await authed(viewer, 'DELETE', PATH)
    expect((await view(path, { 'If-None-Match': etag })).status).toBe(404)
    expect((await view(path, { 'If-None-Match': '*' })).status).toBe(404)
  })

  it('answers with ranges', async () => {
    const viewer = await signIn()
    const file = await seeded(1)
    const path = await given(viewer, file)
    const n = file.length
    const cases: [range: string, from: number, to: number][] = [
      ['bytes=0-3', 0, 3],
      ['bytes=4-', 4, n - 1],
      ['bytes=-5', n - 5, n - 1],
      [`bytes=-${n + 10}`, 0, n - 1],
      [`bytes=10-${n + 10}`, 10, n - 1],
      [`bytes=${n - 1}-`, n - 1, n - 1],
    ]
    for (const [Range, from, to] of cases) {
      const response = await view(path, { Range })
      expect([Range, response.status]).toEqual([Range, 206])
      expect(response.headers.get('Content-Range')).toBe(`bytes ${from}-${to}/${n}`)
      expect(response.headers.get('Content-Length')).toBe(String(to - from + 1))
      expect(await response.bytes()).toEqual(file.slice(from, to + 1))
    }
    for (const Range of ['bytes=5-4', 'bytes=0-1,4-5', 'bytes=-', 'bytes=a-b', 'lines=0-3', '0-3']) {
      const response = await view(path, { Range })
      expect([Range, response.status]).toEqual([Range, 200])
      expect(await response.bytes()).toHaveLength(n)
    }
    for (const Range of [`bytes=${n}-`, `bytes=${n + 5}-${n + 9}`, 'bytes=-0', 'bytes=999999999999999-']) {
      const response = await view(path, { Range })
      expect([Range, response.status]).toEqual([Range, 416])
      expect(response.headers.get('Content-Range')).toBe(`bytes */${n}`)
      expect(response.headers.get('Cache-Control')).toBe('no-store')
      expect(await codeOf(response)).toBe('range_not_satisfiable')
    }
    const etag = (await view(path)).headers.get('ETag') ?? ''
    expect((await view(path, { Range: 'bytes=0-3', 'If-Range': etag })).status).toBe(206)
    expect((await view(path, { Range: 'bytes=0-3', 'If-Range': '"x"' })).status).toBe(200)
    expect((await view(path, { Range: 'bytes=0-3', 'If-Range': `W/${etag}` })).status).toBe(200)
  })

  it('knows no other paths, and asks no bucket about them', async () => {
    const head = vi.spyOn(env.PICTURES, 'head')
    const { account } = await signIn()
    for (const path of [
      `/pictures/${account}/x`,
      '/pictures/x/y',
      `/pictures/${account}/%2e%2e%2f`,
      '/pictures/a',
    ])
      expect((await view(path)).status).toBeGreaterThanOrEqual(400)
    expect(head).not.toHaveBeenCalled()
  })
})

describe('an account’s picture, when something breaks', () => {
  const broken = () => Promise.reject(new Error('R2 is away'))
  const objectOf = (viewer: Viewer) => env.ACCOUNTS.getByName(viewer.account)

  /** The part of the account that keeps pictures, over another bucket; as if the object had just started. */
  const withBucket = <T>(viewer: Viewer, bucket: PictureBucket, use: (part: AccountPicture) => Promise<T>) =>
    runInDurableObject(objectOf(viewer), (_, { storage }) => {
      const rows = new PictureRows(storage, new AccountRow(storage.sql))
      return use(new AccountPicture(rows, bucket, () => storage.setAlarm(rows.due() ?? Date.now())))
    })

  const rowsOf = (viewer: Viewer) =>
    runInDurableObject(objectOf(viewer), (_, { storage }) =>
      storage.sql.exec('SELECT hash, state FROM pictures').toArray(),
    )

  const real: PictureBucket = {
    head: (key) => env.PICTURES.head(key),
    get: (key, options) => env.PICTURES.get(key, options),
    put: (key, bytes, options) => env.PICTURES.put(key, bytes, options),
    delete: (keys) => env.PICTURES.delete(keys),
    list: (options) => env.PICTURES.list(options),
  }

  it('a kill between put and commit leaves nothing behind, and the picture as it was', async () => {
    const viewer = await signIn()
    const before = await given(viewer, await seeded(1))
    const { ver } = await passportOf(viewer)
    // Put, but the answer never comes: the object is killed while it waits.
    const dying: PictureBucket = {
      ...real,
      put: async (...put) => {
        await real.put(...put)
        return broken()
      },
    }
    await expect(
      withBucket(viewer, dying, (part) => part.set('orphan', new Uint8Array([1]), viewer.account)),
    ).rejects.toThrow('R2')
    expect(await stored(viewer)).toContain(`${viewer.account}/orphan`)
    expect((await view(before)).status).toBe(200)
    // Too early: what was killed may still be on its way into the bucket.
    await runDurableObjectAlarm(objectOf(viewer))
    expect(await stored(viewer)).toContain(`${viewer.account}/orphan`)
    atTime(Date.now() + PICTURE_LEASE_MS + 1)
    expect(await runDurableObjectAlarm(objectOf(viewer))).toBe(true)
    expect(await stored(viewer)).toEqual([`${viewer.account}/${before.split('/').at(-1)}`])
    expect(await rowsOf(viewer)).toHaveLength(1)
    vi.useRealTimers()
    expect((await passportOf(viewer)).ver).toBe(ver)
    expect((await view(before)).status).toBe(200)
  })

  it('a kill between commit and removal of the old one is finished by the alarm', async () => {
    const viewer = await signIn()
    const before = await given(viewer, await seeded(1))
    const keeping: PictureBucket = { ...real, delete: broken }
    await withBucket(viewer, keeping, (part) => part.set(NEW, new Uint8Array([1]), viewer.account))
    expect((await passportOf(viewer)).ver).toBe(3)
    expect((await view(before)).status).toBe(200)
    expect(await runDurableObjectAlarm(objectOf(viewer))).toBe(true)
    expect((await view(before)).status).toBe(404)
    expect(await rowsOf(viewer)).toEqual([{ hash: NEW, state: 'current' }])
  })

  it('goes on trying while the bucket is away', async () => {
    const viewer = await signIn()
    await given(viewer, await seeded(1))
    const away: PictureBucket = { ...real, delete: broken }
    expect(await withBucket(viewer, away, (part) => part.remove(viewer.account))).toBe(true)
    await withBucket(viewer, away, (part) => part.settle(viewer.account))
    expect(await rowsOf(viewer)).toMatchObject([{ state: 'stale' }])
    expect((await passportOf(viewer)).avatar).toBeUndefined()
    const due = await runInDurableObject(objectOf(viewer), (_, { storage }) => storage.getAlarm())
    expect(due).toBeGreaterThan(Date.now())
    await runDurableObjectAlarm(objectOf(viewer))
    expect(await rowsOf(viewer)).toEqual([])
    expect(await stored(viewer)).toEqual([])
  })

  it('an upload that the bucket did not take changes nothing', async () => {
    const viewer = await signIn()
    const before = await given(viewer, await seeded(1))
    const away: PictureBucket = { ...real, put: broken }
    await expect(
      withBucket(viewer, away, (part) => part.set('lost', new Uint8Array([1]), viewer.account)),
    ).rejects.toThrow('R2')
    expect((await passportOf(viewer)).ver).toBe(2)
    expect((await view(before)).status).toBe(200)
    expect(await rowsOf(viewer)).toContainEqual({ hash: 'lost', state: 'pending' })
    const again = await given(viewer, await seeded(2))
    expect((await view(again)).status).toBe(200)
  })

  it('is exported, and erased without a trace, also what nobody knew of', async () => {
    const viewer = await signIn()
    const file = await seeded(1)
    expect(await withBucket(viewer, real, (part) => part.export(viewer.account))).toBeNull()
    await withBucket(viewer, real, (part) => part.erase(viewer.account))
    const path = await given(viewer, file)
    const exported = await withBucket(viewer, real, (part) => part.export(viewer.account))
    expect(exported?.avatar).toBe(path.split('/').at(-1))
    expect(exported?.webp).toBe(btoa(String.fromCharCode(...file)))

    await env.PICTURES.put(`${viewer.account}/unknown`, 'x')
    const other = await signIn()
    const others = await given(other, file)
    const away: PictureBucket = { ...real, delete: broken }
    await expect(withBucket(viewer, away, (part) => part.erase(viewer.account))).rejects.toThrow('R2')
    for (let times = 0; times < 2; times++)
      await withBucket(viewer, real, (part) => part.erase(viewer.account))
    expect(await stored(viewer)).toEqual([])
    expect(await rowsOf(viewer)).toEqual([])
    expect((await passportOf(viewer)).avatar).toBeUndefined()
    expect((await view(others)).status).toBe(200)
  })

  it('given again while it is being removed is there in the end', async () => {
    const viewer = await signIn()
    const { account } = viewer
    const one = new Uint8Array([1])
    const [removing, removed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const slow: PictureBucket = {
      ...real,
      delete: async (keys) => {
        removing.resolve()
        await removed.promise
        await real.delete(keys)
      },
    }
    await withBucket(viewer, slow, async (part) => {
      await part.set(NEW, one, account)
      const replaced = part.set('other'.padEnd(43, 'A'), one, account)
      await removing.promise
      const again = part.set(NEW, one, account)
      removed.resolve()
      await Promise.all([replaced, again])
    })
    expect(await rowsOf(viewer)).toEqual([{ hash: NEW, state: 'current' }])
    expect(await stored(viewer)).toEqual([`${account}/${NEW}`])
  })

  it('is not taken for erased while an upload that was killed may still arrive', async () => {
    const viewer = await signIn()
    const dying: PictureBucket = { ...real, put: broken }
    const set = (part: AccountPicture) => part.set(NEW, new Uint8Array([1]), viewer.account)
    await expect(withBucket(viewer, dying, set)).rejects.toThrow('R2')
    const erase = () => withBucket(viewer, real, (part) => part.erase(viewer.account))
    await expect(erase()).rejects.toThrow('on its way')
    await env.PICTURES.put(`${viewer.account}/${NEW}`, 'late')
    atTime(Date.now() + PICTURE_LEASE_MS + 1)
    await erase()
    expect(await stored(viewer)).toEqual([])
    expect(await rowsOf(viewer)).toEqual([])
  })

  it('of an account that nobody has is none', async () => {
    expect(await env.ACCOUNTS.getByName('nobody').removePicture()).toBe(false)
  })
})
