import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeFrame } from '../../../protocol/frames'
import { encodeMessage, messageId } from '../../../protocol/message'
import { signAs } from '../../../protocol/signed'
import { MemoryArchive } from '../world/memory-archive'
import { ROOM, RoomWorld, UNPACED, type Viewer } from '../world/room-world'
import { pass, until } from '../world/virtual-clock'

let world: RoomWorld
beforeEach(async () => {
  world = await RoomWorld.create()
})
afterEach(() => world.close())

const offences = ({ session }: Viewer) =>
  [...session.faults.keys()].filter((fault) => fault !== 'void-author' && fault !== 'unknown-author')

/** Links between the two groups break, and signals no longer cross. */
function part(one: Viewer[], other: Viewer[]): void {
  const side = (device: string) => one.some(({ person }) => person.device === device)
  world.room.tamper = (data, from, to) => (side(from) === side(to) ? data : undefined)
  for (const viewer of one)
    for (const stranger of other) world.network.breakBetween(viewer.links, stranger.links)
}

function heal(): void {
  world.room.tamper = (data) => data
  for (const { session } of world.viewers) session.reconnectNow()
}

/** Waits until everybody has these texts, in one order. */
async function agreeOn(texts: string[]): Promise<void> {
  await until(
    world.clock,
    () => world.viewers.every((viewer) => viewer.texts().length === texts.length),
    `${texts.length} messages with each`,
  )
  const [first] = world.viewers
  for (const viewer of world.viewers) {
    expect(viewer.texts()).toEqual(first?.texts())
    expect(viewer.texts().toSorted()).toEqual(texts.toSorted())
    expect(offences(viewer)).toEqual([])
  }
}

describe('a newcomer', () => {
  it('gets what was said before, also by those who have left, each once and in order', async () => {
    const ada = await world.join('AdaOtter12')
    await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    const texts = Array.from({ length: 12 }, (_, index) => `line ${index}`)
    for (const text of texts) await ada.say(text)
    await until(world.clock, () => world.viewers.every((viewer) => viewer.texts().length === 12))
    world.kill(ada)
    const cleo = await world.join('CleoLynx56')
    await agreeOn(texts)
    expect(cleo.texts()).toEqual(texts)
    expect(cleo.session.log.all.every(({ name }) => name === 'AdaOtter12')).toBe(true)
    const shown = cleo.changes.filter(({ t }) => t === 'message')
    expect(shown).toHaveLength(12)
  })

  it('gets no forgery from a lying member, and from an honest one what is true', async () => {
    const ada = await world.join('AdaOtter12')
    const cleo = await world.join('CleoLynx56')
    await until(world.clock, () => world.isWhole())
    await ada.say('true')
    await until(world.clock, () => cleo.texts().length === 1)
    const [genuine] = ada.session.log.all
    if (!genuine) throw new Error('nothing said')
    // A lying member: its own log holds a forgery, as if it had been filed.
    const bytes = encodeMessage({
      v: 1,
      room: ROOM,
      device: ada.person.device,
      seq: 1,
      time: { ms: genuine.time.ms + 5, count: 0 },
      kind: 'say',
      body: 'forged',
    })
    const sig = await signAs((await world.registrar.person('Mallory99')).signer, 'message', bytes)
    ada.session.log.fileOwn(
      {
        ...genuine,
        seq: 1,
        body: 'forged',
        time: { ms: genuine.time.ms + 5, count: 0 },
        id: await messageId(bytes),
        signed: { bytes, sig },
      },
      [],
    )
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => ben.texts().includes('true'))
    await pass(world.clock, 5_000, 200)
    expect(ben.texts()).toEqual(['true'])
  })
})

describe('a room that falls apart', () => {
  it('holds everything that either part said once it is whole again', async () => {
    for (const name of ['AdaOtter12', 'BenHeron34', 'CleoLynx56', 'DanMink78']) await world.join(name)
    await until(world.clock, () => world.isWhole())
    const [ada, ben, cleo, dan] = world.viewers as [Viewer, Viewer, Viewer, Viewer]
    await ada.say('all together')
    await until(world.clock, () => world.viewers.every((viewer) => viewer.texts().length === 1))
    part([ada, ben], [cleo, dan])
    for (let minute = 0; minute < 6; minute++) {
      for (const viewer of world.viewers) await viewer.say(`${viewer.person.name} ${minute}`)
      await pass(world.clock, 30_000, 500)
    }
    expect(ada.texts()).toHaveLength(13)
    heal()
    await agreeOn([
      'all together',
      ...[0, 1, 2, 3, 4, 5].flatMap((minute) =>
        world.viewers.map(({ person }) => `${person.name} ${minute}`),
      ),
    ])
  }, 30_000)

  it('is complete for one that was alone, and what it said meanwhile comes once', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    world.room.crash()
    for (const link of world.network.links) if (link.isOpen) link.close()
    await pass(world.clock, 1_000)
    await ada.say('is anybody there?')
    await ben.say('hello?')
    await pass(world.clock, 120_000, 500)
    expect(ada.session.outbox.view).toMatchObject([{ state: 'network' }])
    expect(ada.texts()).toEqual([])
    world.room.isDown = false
    for (const { session } of world.viewers) session.probe()
    await agreeOn(['is anybody there?', 'hello?'])
    expect(ada.session.outbox.view).toEqual([])
  })
})

describe('a viewer whose browser was killed', () => {
  it('has everything on screen before anybody answers, then what it missed, and said everything once', async () => {
    world.pace = UNPACED
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    for (let line = 0; line < 150; line++) await (line % 2 ? ada : ben).say(`line ${line}`)
    await until(world.clock, () => world.viewers.every((viewer) => viewer.texts().length === 150))
    await pass(world.clock, 500)
    void ada.say('my last words')
    await until(world.clock, () => ada.archive.entries.length > 0 || ada.texts().includes('my last words'))
    const archive = world.kill(ada)
    await ben.say('where is she?')

    world.room.isDown = true
    const again = await world.enter(ada.person, { archive })
    await until(world.clock, () => again.texts().length >= 150, 'history')
    expect(again.texts().slice(0, 150)).toEqual(ben.texts().slice(0, 150))
    expect(again.session.linkCount).toBe(0)
    world.room.isDown = false
    again.session.reconnectNow()
    await agreeOn([
      ...Array.from({ length: 150 }, (_, line) => `line ${line}`),
      'my last words',
      'where is she?',
    ])
    await again.say('here I am')
    await until(world.clock, () => ben.texts().includes('here I am'))
  }, 30_000)

  it('without anything on its disk gives out no number twice', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    for (let line = 0; line < 5; line++) await ada.say(`line ${line}`)
    await until(world.clock, () => ben.texts().length === 5)
    world.kill(ada)
    const again = await world.enter(ada.person, { archive: new MemoryArchive() })
    await until(world.clock, () => again.texts().length === 5)
    await again.say('still me')
    await until(world.clock, () => ben.texts().length === 6)
    expect(ben.session.log.all.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5])
  })
})

describe('a viewer whose profile was restored from last week', () => {
  it('learns from the others what it said since, before it says anything', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    await ada.say('then')
    await until(world.clock, () => ben.texts().length === 1)
    const old = structuredClone({ stored: ada.archive.stored })
    for (let line = 0; line < 4; line++) await ada.say(`since ${line}`)
    await until(world.clock, () => ben.texts().length === 5)
    const archive = world.kill(ada)
    archive.stored = old.stored
    archive.messages = []
    const again = await world.enter(ada.person, { archive })
    void again.say('what did I miss?')
    await until(world.clock, () => ben.texts().includes('what did I miss?'))
    expect(ben.session.log.isVoid(ada.person.device)).toBe(false)
    expect(ben.session.log.all.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('speaks all the same where nobody can tell', async () => {
    const ada = await world.join('AdaOtter12')
    await ada.say('then')
    await until(world.clock, () => ada.texts().length === 1)
    await pass(world.clock, 500)
    const again = await world.enter(ada.person, { archive: world.kill(ada) })
    void again.say('alone again')
    await until(world.clock, () => again.texts().includes('alone again'), 'said', 50)
  })
})

describe('a device that contradicts itself', () => {
  it('is void everywhere, also for those who heard only one of its words, and for newcomers', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    const mallory = await world.join('MalloryMink22')
    await until(world.clock, () => world.isWhole())
    await mallory.say('hello all')
    await ada.say('hi')
    await until(world.clock, () => world.viewers.every((viewer) => viewer.texts().length === 2))
    // One body for Ada, another for Ben, under one number.
    const said = async (body: string) => {
      const bytes = encodeMessage({
        v: 1,
        room: ROOM,
        device: mallory.person.device,
        seq: 1,
        time: { ms: world.clock.now(), count: 0 },
        kind: 'say',
        body,
      })
      return encodeFrame({ t: 'message', bytes, sig: await signAs(mallory.person.signer, 'message', bytes) })
    }
    const toAda = world.network.linkBetween(mallory.links, ada.links)
    const toBen = world.network.linkBetween(mallory.links, ben.links)
    toAda?.send(await said('I agree'))
    toBen?.send(await said('I disagree'))
    await until(world.clock, () =>
      [ada, ben].every((viewer) => viewer.session.log.isVoid(mallory.person.device)),
    )
    expect(ada.texts()).toEqual(['hi'])
    expect(ben.texts()).toEqual(['hi'])
    const cleo = await world.join('CleoLynx56')
    await until(world.clock, () => cleo.session.log.isVoid(mallory.person.device), 'proof for the newcomer')
    await until(world.clock, () => cleo.texts().length > 0)
    expect(cleo.texts()).toEqual(['hi'])
    // The device itself learns that nobody listens.
    await until(world.clock, () => mallory.session.log.isVoid(mallory.person.device))
    expect(await mallory.say('can you hear me?')).toBe('void-author')
    expect(ada.archive.messages.map(({ body }) => body)).toEqual(['hi'])
  })
})

describe('storage that works only after a while', () => {
  it('shows what it holds, and takes back nothing the room was cleared of', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    await ada.say('cleared')
    await until(world.clock, () => ben.texts().length === 1)
    await ada.session.log.clear()
    await pass(world.clock, 100)
    await ada.say('kept')
    await until(world.clock, () => ben.texts().length === 2)
    const archive = world.kill(ada)
    archive.problem = 'unavailable'
    const again = await world.enter(ada.person, { archive })
    await until(world.clock, () => again.session.log.history.problem === 'unavailable')
    archive.problem = null
    await until(world.clock, () => again.session.log.history.problem === null, 'storage works', 100)
    await pass(world.clock, 2_000, 100)
    expect(again.texts()).toEqual(['kept'])
  })
})

describe('a room that was cleared', () => {
  it('stays empty of the old whoever still has it, over a restart, and shows what is new', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    await ben.say('to be forgotten')
    await until(world.clock, () => ada.texts().length === 1)
    await pass(world.clock, 500)
    await ada.session.log.clear()
    expect(ada.texts()).toEqual([])
    await pass(world.clock, 130_000, 500)
    expect(ada.texts()).toEqual([])
    const archive = world.kill(ada)
    const again = await world.enter(ada.person, { archive })
    await until(world.clock, () => world.isWhole())
    await ben.say('news')
    await until(world.clock, () => again.texts().length > 0)
    await pass(world.clock, 10_000, 500)
    expect(again.texts()).toEqual(['news'])
    expect(ben.texts()).toEqual(['to be forgotten', 'news'])
  })
})

describe('storage that fails', () => {
  it('is told, takes nobody’s words, and is caught up with when it works again', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    ada.archive.problem = 'full'
    await ben.say('can you read this?')
    await until(world.clock, () => ada.texts().length === 1)
    await until(world.clock, () => ada.session.log.history.problem === 'full')
    expect(await ada.say('yes')).toBe('storage')
    ada.archive.problem = null
    await pass(world.clock, 11_000, 500)
    expect(ada.session.log.history.problem).toBeNull()
    expect(ada.archive.messages.map(({ body }) => body)).toEqual(['can you read this?'])
    expect(await ada.say('yes')).toBeUndefined()
    await until(world.clock, () => ben.texts().length === 2)
  })
})

describe('an own message', () => {
  it('tells how many it was sent to, also those who came later', async () => {
    const ada = await world.join('AdaOtter12')
    await until(world.clock, () => ada.session.hasServer)
    await ada.say('first!')
    await until(world.clock, () => ada.texts().length === 1)
    const [message] = ada.session.log.all
    const reach = () => message && ada.session.log.reachOf(message.id)
    expect(reach()).toBe(0)
    await world.join('BenHeron34')
    await until(world.clock, () => reach() === 1)
    await world.join('CleoLynx56')
    await until(world.clock, () => world.viewers.every(({ texts }) => texts().length === 1))
  })
})

describe('viewers who write', () => {
  it('see each other writing, until they say it or stop', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    const writers = () => ada.session.people.typing.map(({ name }) => name)
    ben.session.people.writing(true)
    await until(world.clock, () => writers().length === 1)
    expect(writers()).toEqual(['BenHeron34'])
    await ben.say('that was it')
    await until(world.clock, () => writers().length === 0)
    ben.session.people.writing(true)
    await until(world.clock, () => writers().length === 1)
    await pass(world.clock, 4_000, 100)
    expect(writers()).toEqual([])
    expect(offences(ada)).toEqual([])
  })

  it('see who is away, and when they are back', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    const away = () => ada.session.people.all.members.filter((member) => member.away).map(({ name }) => name)
    ben.session.people.setAway(true)
    await until(world.clock, () => away().length === 1)
    expect(away()).toEqual(['BenHeron34'])
    ben.session.people.setAway(false)
    await until(world.clock, () => away().length === 0)
  })
})

describe('a message stamped ahead of time', () => {
  it('waits for its time', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    const wire = world.network.linkBetween(ben.links, ada.links)
    const at = world.clock.now() + 20_000
    const bytes = encodeMessage({
      v: 1,
      room: ROOM,
      device: ben.person.device,
      seq: 0,
      time: { ms: at, count: 0 },
      kind: 'say',
      body: 'from tomorrow',
    })
    wire?.send(encodeFrame({ t: 'message', bytes, sig: await signAs(ben.person.signer, 'message', bytes) }))
    await pass(world.clock, 10_000, 200)
    expect(ada.texts()).toEqual([])
    await until(world.clock, () => ada.texts().length === 1)
    expect(world.clock.now()).toBeGreaterThanOrEqual(at)
  })
})
