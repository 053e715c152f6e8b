// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import PopupRoot from '../../../components/PopupRoot.vue'
import WelcomeRoot from '../../../components/WelcomeRoot.vue'
import { ControlError, type IdentityView } from '../../../protocol/control'
import { useHistoryStore } from '../../../stores/history'
import { useIdentityStore } from '../../../stores/identity'
import { usePrivacyStore } from '../../../stores/privacy'
import { ME, settled } from '../stores/fake-host'
import { global } from './translate'

const OUT: IdentityView = { state: 'signed-out' }
const IN: IdentityView = { state: 'signed-in', accountId: ME, displayName: 'BraveOtter' }

describe('popup and welcome page', () => {
  let signedOut = 0

  async function be(identity: IdentityView): Promise<void> {
    await useIdentityStore().attach({
      plane: {
        identity: async () => identity,
        requestCode: async (email) => ({ state: 'code-sent', email, expiresAt: 1 }),
        submitCode: async () => IN,
        cancelSignIn: async () => OUT,
        signOut: async () => {
          signedOut += 1
          return OUT
        },
      },
      onChanged: () => () => {},
    })
  }

  beforeEach(() => {
    setActivePinia(createPinia())
    signedOut = 0
    history.replaceState(null, '', '/popup.html')
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  it('leads through the sign-in', async () => {
    await be(OUT)
    const popup = mount(PopupRoot, { global })
    await popup.get('input[name=email]').setValue('a@b.example')
    await popup.get('form').trigger('submit')
    await nextTick()
    await popup.get('input[name=code]').setValue('123456')
    await nextTick()
    expect(popup.get('[data-testid=me]').text()).toBe('BraveOtter')
  })

  it('signs out only who means it', async () => {
    await be(IN)
    const popup = mount(PopupRoot, { global, attachTo: document.body })
    await popup.get('[data-testid=sign-out]').trigger('click')
    expect(signedOut).toBe(0)
    expect(document.activeElement?.textContent?.trim()).toBe('Stay')
    await popup.get('fieldset:has([data-testid=confirm-sign-out])').trigger('keydown', { key: 'Escape' })
    expect(popup.find('[data-testid=confirm-sign-out]').exists()).toBe(false)
    await popup.get('[data-testid=sign-out]').trigger('click')
    await popup.get('[data-testid=confirm-sign-out]').trigger('click')
    expect(signedOut).toBe(1)
    await nextTick()
    expect(popup.find('input[name=email]').exists()).toBe(true)
    popup.unmount()
  })

  it('clears the history only of who means it', async () => {
    let cleared = 0
    useHistoryStore().attach({
      exportHistory: async () => '[]',
      clearHistory: async () => {
        cleared += 1
      },
    })
    await be(IN)
    const popup = mount(PopupRoot, { global, attachTo: document.body })
    await popup.get('[data-testid=open-history]').trigger('click')
    await popup.get('[data-testid=clear-history]').trigger('click')
    expect(cleared).toBe(0)
    expect(popup.text()).toContain('On this browser only')
    await popup.get('[data-testid=clear-history-confirm]').trigger('click')
    await settled()
    expect(cleared).toBe(1)
    expect(popup.get('[data-testid=history-status]').text()).toBe('The history is cleared.')
    expect(document.activeElement).toBe(popup.get('[data-testid=clear-history]').element)
    popup.unmount()
  })

  it('exports the history as a file', async () => {
    useHistoryStore().attach({ exportHistory: async () => '["said"]', clearHistory: async () => {} })
    await be(IN)
    const saved: { name: string; blob: unknown }[] = []
    let blob: unknown
    vi.spyOn(URL, 'createObjectURL').mockImplementation((of) => {
      blob = of
      return 'blob:history'
    })
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      if (this.href === 'blob:history') saved.push({ name: this.download, blob })
    })
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout'], now: new Date(2031, 0, 5, 23, 30) })
    const popup = mount(PopupRoot, { global })
    await popup.get('[data-testid=open-history]').trigger('click')
    await popup.get('[data-testid=export-history]').trigger('click')
    await vi.waitFor(() => expect(saved).toHaveLength(1))
    expect(saved[0]?.name).toBe('sidestream-history-2031-01-05.json')
    expect(await (saved[0]?.blob instanceof Blob ? saved[0].blob.text() : null)).toBe('["said"]')
    expect(document.querySelector('a[download]')).toBeNull()
  })

  it('says why the history stays', async () => {
    const away = async () => {
      throw new ControlError('worker_unreachable')
    }
    useHistoryStore().attach({ exportHistory: away, clearHistory: away })
    await be(IN)
    const popup = mount(PopupRoot, { global })
    await popup.get('[data-testid=open-history]').trigger('click')
    await popup.get('[data-testid=clear-history]').trigger('click')
    await popup.get('[data-testid=clear-history-confirm]').trigger('click')
    await settled()
    expect(popup.get('[role=alert]').text()).toContain('The server cannot be reached')
    expect(popup.find('[data-testid=clear-history-confirm]').exists()).toBe(true)
  })

  it('sends the newcomer to Twitch, and says that they can sign in there, too', async () => {
    await be(OUT)
    const welcome = mount(WelcomeRoot, { global })
    expect(welcome.get('[data-testid=open-twitch]').attributes('href')).toBe('https://www.twitch.tv/')
    expect(welcome.text()).toContain('You can sign in there, too.')
    await useIdentityStore().submitCode('123456')
    await nextTick()
    expect(welcome.get('[data-testid=me]').text()).toContain('BraveOtter')
    expect(welcome.text()).not.toContain('You can sign in there, too.')
  })

  it('tells where the button is in this browser, and that it is pinned once it is', async () => {
    await be(OUT)
    let pinned = false
    const isOnToolbar = async () => pinned
    const chrome = mount(WelcomeRoot, { global, props: { firefox: false, isOnToolbar } })
    const firefox = mount(WelcomeRoot, { global, props: { firefox: true, isOnToolbar } })
    await settled()
    const hint = (page: typeof chrome) => page.get('[data-testid=pin-hint]').text()
    expect(hint(chrome)).toContain('the pin beside Sidestream')
    expect(hint(firefox)).toContain('Pin to Toolbar')
    pinned = true
    window.dispatchEvent(new Event('focus'))
    await settled()
    expect(hint(chrome)).toBe('Done: the button is in your toolbar.')
  })

  it('offers the choice how others reach one: before the sign-in, and later beside the account', async () => {
    const saved: boolean[] = []
    await usePrivacyStore().attach({
      plane: {
        privacy: async () => ({ direct: false, forced: null }),
        setDirect: async (direct) => void saved.push(direct),
      },
      onChanged: () => () => {},
    })
    await be(OUT)
    const welcome = mount(WelcomeRoot, { global })
    expect(welcome.get('[data-testid=choice-relay]').element).toHaveProperty('checked', true)
    const [first] = welcome.findAll('input').map((one) => one.attributes('type'))
    expect(first).toBe('radio')
    await welcome.get('[data-testid=choice-direct]').setValue()
    expect(saved).toEqual([true])
    await useIdentityStore().submitCode('123456')
    const popup = mount(PopupRoot, { global })
    await popup.get('[data-testid=open-privacy]').trigger('click')
    expect(popup.get('[data-testid=section-privacy] legend').text()).toBe('How others reach you')
  })

  it.each(['no answer', 'no storage'])('lets the newcomer in without a choice (%s)', async (fault) => {
    void usePrivacyStore().attach({
      plane: {
        privacy: () => (fault === 'no answer' ? new Promise(() => {}) : Promise.reject(new Error(fault))),
        setDirect: () => Promise.reject(new Error(fault)),
      },
      onChanged: () => () => {},
    })
    await be({ state: 'code-sent', email: 'a@b.example', expiresAt: 1 })
    const welcome = mount(WelcomeRoot, { global })
    await welcome.get('input[name=code]').setValue('123456')
    await settled()
    expect(welcome.find('[data-testid=open-twitch]').exists()).toBe(true)
  })

  it('says that the background is away, and tries again', async () => {
    let reachable = false
    await useIdentityStore().attach({
      plane: {
        identity: async () => {
          if (!reachable) throw new Error('no background')
          return OUT
        },
        requestCode: async () => OUT,
        submitCode: async () => OUT,
        cancelSignIn: async () => OUT,
        signOut: async () => OUT,
      },
      onChanged: () => () => {},
    })
    const popup = mount(PopupRoot, { global })
    expect(popup.get('[role=alert]').text()).toContain('Sidestream could not start')
    reachable = true
    await popup.get('[role=alert] button').trigger('click')
    await nextTick()
    await nextTick()
    expect(popup.find('input[name=email]').exists()).toBe(true)
  })
})
