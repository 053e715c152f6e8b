// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import AccountSection from '../../../components/AccountSection.vue'
import * as files from '../../../components/download'
import { ControlError, type IdentityView } from '../../../protocol/control'
import { useAccountStore } from '../../../stores/account'
import { useIdentityStore } from '../../../stores/identity'
import { ME, settled } from '../stores/fake-host'
import { global } from './translate'

describe('the account in the popup', () => {
  let view: IdentityView
  let failure: ControlError | null
  let deleted: number
  let signedOut: number

  async function show() {
    const wrapper = mount(AccountSection, { global, attachTo: document.body })
    await settled()
    return wrapper
  }
  const confirm = (wrapper: Awaited<ReturnType<typeof show>>) =>
    wrapper.get<HTMLButtonElement>('[data-testid=delete-account-confirm]')

  beforeEach(async () => {
    setActivePinia(createPinia())
    view = { state: 'signed-in', accountId: ME, displayName: 'BraveÖtter' }
    failure = null
    deleted = 0
    signedOut = 0
    const refuse = () => Promise.reject(new Error('not asked for'))
    await useIdentityStore().attach({
      plane: {
        identity: async () => view,
        requestCode: refuse,
        submitCode: refuse,
        cancelSignIn: refuse,
        signOut: async () => {
          signedOut++
          return { state: 'signed-out' }
        },
      },
      onChanged: () => () => {},
    })
    useAccountStore().attach({
      exportAccount: async () => {
        if (failure) throw failure
        return '{"format":"sidestream-account"}'
      },
      deleteAccount: async () => {
        deleted++
        if (failure) throw failure
        view = { state: 'signed-out' }
        return view
      },
    })
  })
  afterEach(() => {
    vi.restoreAllMocks()
    document.body.replaceChildren()
  })

  it('is exported as a JSON file, and says that the file is not sealed', async () => {
    const saved = vi.spyOn(files, 'download').mockImplementation(() => {})
    const wrapper = await show()
    await wrapper.get('[data-testid=export-account]').trigger('click')
    await settled()
    expect(saved).toHaveBeenCalledExactlyOnceWith(
      '{"format":"sidestream-account"}',
      expect.stringMatching(/^sidestream-account-\d{4}-\d\d-\d\d\.json$/),
      'application/json',
    )
    expect(wrapper.get('[data-testid=account-status]').text()).toMatch(/not encrypted/)
  })

  it('says why it could not be exported, and saves nothing', async () => {
    const saved = vi.spyOn(files, 'download').mockImplementation(() => {})
    failure = new ControlError('worker_unreachable')
    const wrapper = await show()
    await wrapper.get('[data-testid=export-account]').trigger('click')
    await settled()
    expect(saved).not.toHaveBeenCalled()
    expect(wrapper.get('[role=alert]').text()).not.toBe('')
  })

  it('is deleted only by who types its name, and told what goes with it', async () => {
    const wrapper = await show()
    await wrapper.get('[data-testid=delete-account]').trigger('click')
    const field = wrapper.get<HTMLInputElement>('[data-testid=delete-name]')
    expect(document.activeElement).toBe(field.element)
    expect(wrapper.get('form').text()).toMatch(/this browser keeps/i)
    expect(wrapper.get('label').text()).toContain('BraveÖtter')
    expect(document.getElementById(field.attributes('aria-describedby') ?? '')?.textContent).toMatch(/Twitch/)
    for (const text of ['', 'Brave', 'braveötter', 'BraveÖtter2']) {
      await field.setValue(text)
      expect(confirm(wrapper).element.disabled).toBe(true)
      await wrapper.get('form').trigger('submit')
    }
    expect(deleted).toBe(0)
    // Another keyboard writes it in two code points.
    await field.setValue(' BraveÖtter '.normalize('NFD'))
    expect(confirm(wrapper).element.disabled).toBe(false)
    await wrapper.get('form').trigger('submit')
    await settled()
    expect(deleted).toBe(1)
    expect(useIdentityStore().view).toEqual({ state: 'signed-out' })
  })

  it('is kept when the viewer thinks better of it, and the focus goes back', async () => {
    const wrapper = await show()
    await wrapper.get('[data-testid=delete-account]').trigger('click')
    await wrapper.get('[data-testid=delete-name]').setValue('BraveÖtter')
    await wrapper.get('form').trigger('keydown', { key: 'Escape' })
    await settled()
    expect(document.activeElement).toBe(wrapper.get('[data-testid=delete-account]').element)
    await wrapper.get('[data-testid=delete-account]').trigger('click')
    // Nothing is left of what was typed.
    expect(confirm(wrapper).element.disabled).toBe(true)
    expect(deleted).toBe(0)
  })

  it('says why it could not be deleted, and leaves the name typed for another try', async () => {
    failure = new ControlError('worker_unreachable')
    const wrapper = await show()
    await wrapper.get('[data-testid=delete-account]').trigger('click')
    const field = wrapper.get<HTMLInputElement>('[data-testid=delete-name]')
    await field.setValue('BraveÖtter')
    await wrapper.get('form').trigger('submit')
    await settled()
    expect(wrapper.get('[role=alert]').text()).not.toBe('')
    expect(field.element.value).toBe('BraveÖtter')
    expect(document.activeElement).toBe(field.element)
    failure = null
    await wrapper.get('form').trigger('submit')
    await settled()
    expect(deleted).toBe(2)
  })

  it('signs out only who means it', async () => {
    const wrapper = await show()
    await wrapper.get('[data-testid=account-sign-out]').trigger('click')
    expect(signedOut).toBe(0)
    await wrapper.get('[data-testid=account-sign-out-confirm]').trigger('click')
    await settled()
    expect(signedOut).toBe(1)
  })
})
