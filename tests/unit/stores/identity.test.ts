import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { ControlError, type IdentityView } from '../../../protocol/control'
import { accountIdSchema } from '../../../protocol/device'
import { type IdentityPlane, useIdentityStore } from '../../../stores/identity'

const OUT: IdentityView = { state: 'signed-out' }
const SENT: IdentityView = { state: 'code-sent', email: 'a@b.example', expiresAt: 1 }
const IN: IdentityView = {
  state: 'signed-in',
  accountId: accountIdSchema.parse('meAAAAAAAAAAAAAAAAAAAA'),
  displayName: 'BraveOtter',
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0))

/** A background that answers when the test says so. */
function fakePlane() {
  const asked: { call: string; answer(view: IdentityView): void; fail(error: unknown): void }[] = []
  let changed = () => {}
  const ask = (call: string) =>
    new Promise<IdentityView>((answer, fail) => {
      asked.push({ call, answer, fail })
    })
  const plane: IdentityPlane = {
    identity: () => ask('identity'),
    requestCode: (email) => ask(`requestCode ${email}`),
    submitCode: (code) => ask(`submitCode ${code}`),
    cancelSignIn: () => ask('cancelSignIn'),
    signOut: () => ask('signOut'),
  }
  const onChanged = (listener: () => void) => {
    changed = listener
    return () => {
      changed = () => {}
    }
  }
  async function answer(view: IdentityView | Error): Promise<void> {
    const next = asked.shift()
    if (view instanceof Error) next?.fail(view)
    else next?.answer(view)
    await settled()
  }
  return { source: { plane, onChanged }, asked, answer, change: () => changed() }
}

describe('the identity store', () => {
  let background: ReturnType<typeof fakePlane>
  let identity: ReturnType<typeof useIdentityStore>
  let attached: Promise<() => void>

  beforeEach(() => {
    setActivePinia(createPinia())
    background = fakePlane()
    identity = useIdentityStore()
    attached = identity.attach(background.source)
  })

  it('knows nothing until the background has answered', async () => {
    expect(identity.view).toBeNull()
    await background.answer(OUT)
    expect(identity.view).toEqual(OUT)
  })

  it('goes from nobody to somebody and back', async () => {
    await background.answer(OUT)
    void identity.requestCode(' a@b.example ')
    expect(identity.busy).toBe(true)
    expect(background.asked[0]?.call).toBe('requestCode a@b.example')
    await background.answer(SENT)
    expect(identity.view).toEqual(SENT)
    expect(identity.busy).toBe(false)
    const submitted = identity.submitCode('123456')
    await background.answer(IN)
    expect(await submitted).toBe(true)
    expect(identity.view).toEqual(IN)
    void identity.signOut()
    await background.answer(OUT)
    expect(identity.view).toEqual(OUT)
  })

  it('tells why a step failed, when to come back, and stays where it was', async () => {
    await background.answer(SENT)
    const submitted = identity.submitCode('000000')
    await background.answer(new ControlError('code_attempts_exhausted', 90))
    expect(await submitted).toBe(false)
    expect(identity.problem).toEqual({ code: 'code_attempts_exhausted', retryAfter: 90 })
    expect(identity.view).toEqual(SENT)
    expect(identity.busy).toBe(false)
    void identity.cancelSignIn()
    expect(identity.problem).toBeNull()
  })

  it('makes the best of an error that nobody defined', async () => {
    await background.answer(OUT)
    void identity.requestCode('a@b.example')
    await background.answer(new TypeError('boom'))
    expect(identity.problem).toEqual({ code: 'internal' })
  })

  it('takes one step at a time', async () => {
    await background.answer(SENT)
    void identity.submitCode('123456')
    void identity.submitCode('123456')
    expect(await identity.cancelSignIn()).toBe(false)
    expect(background.asked.map(({ call }) => call)).toEqual(['submitCode 123456'])
  })

  it('follows a change made elsewhere', async () => {
    await background.answer(OUT)
    background.change()
    await background.answer(IN)
    expect(identity.view).toEqual(IN)
  })

  it('does not let an old answer undo a newer step', async () => {
    await background.answer(SENT)
    background.change()
    void identity.submitCode('123456')
    const [old, step] = background.asked
    step?.answer(IN)
    await settled()
    old?.answer(SENT)
    await settled()
    expect(identity.view).toEqual(IN)
  })

  it('asks again after a step during which something changed', async () => {
    await background.answer(SENT)
    void identity.submitCode('123456')
    background.change()
    expect(background.asked).toHaveLength(1)
    await background.answer(IN)
    expect(background.asked[0]?.call).toBe('identity')
    await background.answer(OUT)
    expect(identity.view).toEqual(OUT)
  })

  it('says that the background cannot be reached, and tries again when told', async () => {
    await background.answer(new ControlError('worker_unreachable'))
    expect(identity.view).toBeNull()
    expect(identity.problem).toEqual({ code: 'worker_unreachable' })
    void identity.refresh()
    await background.answer(OUT)
    expect(identity.view).toEqual(OUT)
    expect(identity.problem).toBeNull()
  })

  it('stops following when it is detached', async () => {
    await background.answer(OUT)
    const detach = await attached
    detach()
    background.change()
    expect(background.asked).toEqual([])
  })
})
