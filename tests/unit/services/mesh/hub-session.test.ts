import { beforeEach, describe, expect, it } from 'vitest'
import { utf8 } from '../../../../protocol/bytes'
import { deviceIdOf } from '../../../../protocol/device'
import { channelRoom } from '../../../../protocol/room-id'
import { EphemeralKey, type Transcript } from '../../../../services/mesh/hub-keys'
import { HubSession, Inner } from '../../../../services/mesh/hub-session'

const offerer = deviceIdOf(new Uint8Array(32).fill(1))
const answerer = deviceIdOf(new Uint8Array(32).fill(2))
const nonce = crypto.getRandomValues(new Uint8Array(16))
const HEADER = 16

let ada: EphemeralKey
let ben: EphemeralKey
let transcript: Transcript
let near: HubSession
let far: HubSession
beforeEach(async () => {
  ada = await EphemeralKey.create()
  ben = await EphemeralKey.create()
  transcript = {
    room: channelRoom('somechannel'),
    nonce,
    offerer,
    answerer,
    offererKey: ada.publicKey,
    answererKey: ben.publicKey,
  }
  near = new HubSession(nonce, await ada.agree(transcript, true))
  far = new HubSession(nonce, await ben.agree(transcript, false))
})

const frame = (session: HubSession, words: string) => session.seal(Inner.frame, utf8(words))
const opened = (words: string) => ({ type: Inner.frame, body: utf8(words) })

describe('a hub session', () => {
  it('carries frames both ways', async () => {
    expect(await far.open(await frame(near, 'hello'))).toEqual(opened('hello'))
    expect(await near.open(await frame(far, 'and back'))).toEqual(opened('and back'))
    expect(await far.open(await near.seal(Inner.close, new Uint8Array(0)))).toMatchObject({
      type: Inner.close,
    })
  })

  it('seals what was said when it was called, under counters in that order', async () => {
    const body = utf8('first')
    const sealing = [near.seal(Inner.frame, body), frame(near, 'second')]
    body.fill(0)
    for (const [index, data] of (await Promise.all(sealing)).entries())
      expect(await far.open(data)).toEqual(opened(['first', 'second'][index] ?? ''))
  })

  it('is session, counter and AES-GCM over type and body, with both in front authenticated', async () => {
    const { open } = await ben.agree(transcript, false)
    const data = await frame(near, 'words')
    const header = data.slice(0, HEADER)
    expect([...header]).toEqual([...nonce.subarray(0, 8), 0, 0, 0, 0, 0, 0, 0, 1])
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: new Uint8Array([0, 0, 0, 0, ...header.slice(8)]), additionalData: header },
      open,
      data.slice(HEADER),
    )
    expect(new Uint8Array(plain)).toEqual(new Uint8Array([Inner.frame, ...utf8('words')]))
  })

  it('shows nothing of what is inside, and never the same twice', async () => {
    const [one, other] = [await frame(near, 'the same words'), await frame(near, 'the same words')]
    for (const data of [one, other]) expect(Buffer.from(data).includes('same words')).toBe(false)
    expect(Buffer.from(one.subarray(HEADER))).not.toEqual(Buffer.from(other.subarray(HEADER)))
  })

  it('takes nothing twice and nothing late, and goes on', async () => {
    const [one, two, three] = [await frame(near, '1'), await frame(near, '2'), await frame(near, '3')]
    await far.open(one)
    expect(await far.open(one)).toEqual({ fault: 'hub-replayed' })
    await far.open(two)
    expect(await far.open(one)).toEqual({ fault: 'hub-replayed' })
    expect(await far.open(three)).toEqual(opened('3'))
  })

  it('notices what is missing', async () => {
    await frame(near, 'lost')
    expect(await far.open(await frame(near, 'next'))).toEqual({ fault: 'hub-lost' })
  })

  it('opens nothing in which a single bit was changed, and is not confused by it', async () => {
    const data = await frame(near, 'words')
    for (let at = 0; at < data.length; at++) {
      const changed = new Uint8Array(data)
      changed[at] = (changed[at] ?? 0) ^ 1
      const result = await far.open(changed)
      expect(result).toHaveProperty('fault')
    }
    expect(await far.open(data)).toEqual(opened('words'))
  })

  it('opens nothing that was cut, made longer, or is empty', async () => {
    const data = await frame(near, 'words')
    for (let length = 0; length < data.length; length++)
      expect(await far.open(data.slice(0, length))).toEqual({ fault: 'hub-forged' })
    expect(await far.open(new Uint8Array([...data, 0]))).toEqual({ fault: 'hub-forged' })
  })

  it('opens nothing of our own that is thrown back', async () => {
    expect(await near.open(await frame(near, 'mine'))).toEqual({ fault: 'hub-forged' })
  })

  it('opens nothing of another session', async () => {
    const other = { ...transcript, nonce: crypto.getRandomValues(new Uint8Array(16)) }
    const elsewhere = new HubSession(other.nonce, await ada.agree(other, true))
    const data = await frame(elsewhere, 'words')
    expect(await far.open(data)).toEqual({ fault: 'hub-forged' })
    data.set(far.id)
    expect(await far.open(data)).toEqual({ fault: 'hub-forged' })
  })

  it.each<[string, (transcript: Transcript) => Transcript]>([
    ['room', (t) => ({ ...t, room: channelRoom('elsewhere') })],
    ['nonce', (t) => ({ ...t, nonce: new Uint8Array([...t.nonce.slice(0, 8), ...new Uint8Array(8)]) })],
    ['offerer', (t) => ({ ...t, offerer: deviceIdOf(new Uint8Array(32).fill(3)) })],
    ['answerer', (t) => ({ ...t, answerer: deviceIdOf(new Uint8Array(32).fill(3)) })],
    ["offerer's key", (t) => ({ ...t, offererKey: ben.publicKey })],
  ])('shares nothing with one that saw another %s', async (_, change) => {
    const other = new HubSession(nonce, await ada.agree(change(transcript), true))
    expect(await far.open(await frame(other, 'words'))).toEqual({ fault: 'hub-forged' })
  })

  it('shares nothing with whoever swapped the key', async () => {
    const mallory = await EphemeralKey.create()
    const swapped = { ...transcript, offererKey: mallory.publicKey }
    const middle = new HubSession(nonce, await mallory.agree(swapped, true))
    expect(await far.open(await frame(middle, 'words'))).toEqual({ fault: 'hub-forged' })
  })

  it('is made with no key that leaves no secret', async () => {
    for (const weak of [new Uint8Array(32), new Uint8Array(32).fill(1, 0, 1)])
      await expect(ada.agree({ ...transcript, answererKey: weak }, true)).rejects.toThrow()
  })

  it('has keys that nobody can take out', async () => {
    const { seal, open } = await ada.agree(transcript, true)
    for (const key of [seal, open]) await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow()
    expect([seal.usages, open.usages]).toEqual([['encrypt'], ['decrypt']])
  })
})
