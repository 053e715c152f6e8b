// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { problemWords } from '../../../components/error-words'
import SignIn from '../../../components/SignIn.vue'
import type { IdentityView } from '../../../protocol/control'
import { CODE_LIFETIME_MS } from '../../../protocol/limits'
import type { IdentityProblem } from '../../../stores/identity-problem'
import { global, translate } from './translate'

const OUT = { state: 'signed-out' } as const
const SENT: IdentityView & { state: 'code-sent' } = {
  state: 'code-sent',
  email: 'a@b.example',
  expiresAt: 1,
}

const signIn = (
  view: typeof OUT | typeof SENT,
  more: { busy?: boolean; problem?: IdentityProblem | null } = {},
) => mount(SignIn, { props: { view, busy: false, problem: null, ...more }, global, attachTo: document.body })

afterEach(() => {
  vi.useRealTimers()
  document.body.replaceChildren()
})

describe('the e-mail step', () => {
  it('asks for a code by keyboard alone', async () => {
    const wrapper = signIn(OUT)
    await wrapper.get('input[name=email]').setValue(' a@b.example ')
    await wrapper.get('form').trigger('submit')
    expect(wrapper.emitted('requestCode')).toEqual([['a@b.example']])
    expect(wrapper.get('[data-testid=send-code]').attributes('type')).toBe('submit')
  })

  it.each(['', 'a', 'a@b', 'a b@c.example', 'a@b.'])('does not ask for "%s", and says why', async (email) => {
    const wrapper = signIn(OUT)
    await wrapper.get('input[name=email]').setValue(email)
    await wrapper.get('form').trigger('submit')
    expect(wrapper.emitted('requestCode')).toBeUndefined()
    expect(wrapper.get('[role=alert]').text()).toBe(translate('emailInvalid'))
    await wrapper.get('input[name=email]').setValue('a@b.example')
    expect(wrapper.get('[role=alert]').text()).toBe('')
  })

  it('tells its labels, its problem and who sees the address', () => {
    const wrapper = signIn(OUT, { problem: { code: 'rate_limited', retryAfter: 40 } })
    const input = wrapper.get('input[name=email]')
    expect(wrapper.get(`label[for="${input.attributes('id')}"]`).text()).toBe('E-mail address')
    const [problem] = (input.attributes('aria-describedby') ?? '').split(' ')
    expect(wrapper.get(`[id="${problem}"]`).text()).toBe(
      'That was too often. Wait a little. It works again in 40 sec.',
    )
    expect(wrapper.text()).toContain('can see your IP address unless you both choose direct')
  })

  it('takes one click', () => {
    expect(signIn(OUT, { busy: true }).get('[data-testid=send-code]').attributes('disabled')).toBeDefined()
  })
})

describe('the code step', () => {
  const code = (wrapper: ReturnType<typeof signIn>) => wrapper.get<HTMLInputElement>('input[name=code]')

  it('lets phones, mail and password managers fill it in', () => {
    expect(code(signIn(SENT)).attributes()).toMatchObject({
      autocomplete: 'one-time-code',
      inputmode: 'numeric',
    })
  })

  it.each(['123456', '123 456', ' 123-456\n', '123456'])('takes %j', async (typed) => {
    const wrapper = signIn(SENT)
    await code(wrapper).setValue(typed)
    expect(code(wrapper).element.value).toBe('123456')
    expect(wrapper.emitted('submitCode')).toEqual([['123456']])
  })

  it('sends a whole code off by itself, once, and another one when it was refused', async () => {
    const wrapper = signIn(SENT)
    await code(wrapper).setValue('12345')
    expect(wrapper.emitted('submitCode')).toBeUndefined()
    await code(wrapper).setValue('123456')
    await wrapper.setProps({ busy: true })
    expect(wrapper.get('[role=status]').text()).toBe(translate('checkingCode'))
    await wrapper.get('form').trigger('submit')
    await wrapper.setProps({ busy: false, problem: { code: 'code_refused' } })
    // A mark, a space: the same code is not tried again by itself.
    await code(wrapper).setValue('123 456')
    expect(wrapper.emitted('submitCode')).toEqual([['123456']])
    await code(wrapper).setValue('12345')
    await code(wrapper).setValue('123457')
    expect(wrapper.emitted('submitCode')).toEqual([['123456'], ['123457']])
  })

  it('tries the same code again by hand, for example when the server was away', async () => {
    const wrapper = signIn(SENT)
    await code(wrapper).setValue('123456')
    await wrapper.setProps({ problem: { code: 'worker_unreachable' } })
    await wrapper.get('form').trigger('submit')
    expect(wrapper.emitted('submitCode')).toEqual([['123456'], ['123456']])
  })

  it('lets half a minute pass before it offers another one, counting down, also in a popup that was opened anew', async () => {
    vi.useFakeTimers({ now: 1_000_000 })
    const sent = { ...SENT, expiresAt: Date.now() - 10_000 + CODE_LIFETIME_MS }
    const wrapper = signIn(sent)
    const again = () => wrapper.get('[data-testid=resend-code]')
    await nextTick()
    expect(again().attributes('disabled')).toBeDefined()
    expect(again().text()).toBe('Send another code (in 20 sec)')
    await vi.advanceTimersByTimeAsync(19_000)
    expect(again().text()).toBe('Send another code (in 1 sec)')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(again().text()).toBe(translate('resendCode'))
    expect(again().attributes('disabled')).toBeUndefined()
    expect(vi.getTimerCount()).toBe(0)
    await again().trigger('click')
    await wrapper.setProps({ view: { ...SENT, expiresAt: Date.now() + CODE_LIFETIME_MS } })
    await nextTick()
    expect(again().text()).toBe('Send another code (in 30 sec)')
    wrapper.unmount()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('waits as long as the server says, but never for ever because a clock was set back', async () => {
    vi.useFakeTimers({ now: 1_000_000 })
    const wrapper = signIn({ ...SENT, expiresAt: Date.now() + 100 * CODE_LIFETIME_MS })
    const again = () => wrapper.get('[data-testid=resend-code]')
    await nextTick()
    expect(again().text()).toBe('Send another code (in 30 sec)')
    await wrapper.setProps({ problem: { code: 'code_requests_exhausted', retryAfter: 80 } })
    await nextTick()
    expect(again().text()).toBe('Send another code (in 80 sec)')
    await vi.advanceTimersByTimeAsync(80_000)
    expect(again().attributes('disabled')).toBeUndefined()
  })

  it('does not submit half a code', async () => {
    const wrapper = signIn(SENT)
    await code(wrapper).setValue('12345')
    await wrapper.get('form').trigger('submit')
    expect(wrapper.emitted('submitCode')).toBeUndefined()
    expect(wrapper.get('[role=alert]').text()).toBe(translate('codeInvalid'))
  })

  it('sends another one, and says so once it is on its way', async () => {
    const wrapper = signIn(SENT)
    await code(wrapper).setValue('123')
    await wrapper.get('[data-testid=resend-code]').trigger('click')
    expect(wrapper.emitted('requestCode')).toEqual([['a@b.example']])
    expect(code(wrapper).element.value).toBe('')
    expect(wrapper.get('[role=status]').text()).toBe('')
    await wrapper.setProps({ view: { ...SENT, expiresAt: 2 } })
    expect(wrapper.get('[role=status]').text()).toBe(translate('codeResent'))
  })

  it('goes back to another address', async () => {
    const wrapper = signIn(SENT)
    await wrapper.get('[data-testid=cancel-sign-in]').trigger('click')
    expect(wrapper.emitted('cancel')).toHaveLength(1)
    await wrapper.setProps({ view: OUT })
    expect(wrapper.find('input[name=email]').exists()).toBe(true)
  })

  it('says what was wrong with the code', async () => {
    const wrapper = signIn(SENT)
    await wrapper.setProps({ problem: { code: 'code_refused' } })
    expect(wrapper.get('[role=alert]').text()).toBe('That code is wrong or has expired.')
    expect(code(wrapper).attributes('aria-invalid')).toBe('true')
  })
})

describe('words for waiting', () => {
  it.each([
    [40, '40 sec'],
    [340, '6 min'],
    [7_000, '2 hr'],
  ])('%d s are %s', (retryAfter, words) => {
    expect(problemWords({ code: 'rate_limited', retryAfter }, translate)).toContain(words)
  })
})
