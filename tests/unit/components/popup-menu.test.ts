// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import PopupRoot from '../../../components/PopupRoot.vue'
import { POPUP_SECTIONS } from '../../../components/popup-sections'
import type { IdentityView } from '../../../protocol/control'
import { useIdentityStore } from '../../../stores/identity'
import { ME, settled } from '../stores/fake-host'
import { global, translate } from './translate'

const OUT: IdentityView = { state: 'signed-out' }
const IN: IdentityView = { state: 'signed-in', accountId: ME, displayName: 'BraveOtter' }

describe('the menu of the popup', () => {
  let identity: IdentityView
  let changed: () => void
  let popup: VueWrapper

  async function be(next: IdentityView): Promise<void> {
    identity = next
    const never = () => Promise.reject(new Error('not asked for'))
    await useIdentityStore().attach({
      plane: {
        identity: async () => identity,
        requestCode: never,
        submitCode: never,
        cancelSignIn: never,
        signOut: never,
      },
      onChanged: (listener) => {
        changed = listener
        return () => {}
      },
    })
  }

  const show = () => {
    popup = mount(PopupRoot, { global, attachTo: document.body })
  }
  const ids = () =>
    popup.findAll('nav button').map((one) => one.attributes('data-testid')?.replace('open-', ''))
  const open = (id: string) => popup.get(`[data-testid=open-${id}]`).trigger('click')
  const press = async (key: string, on: Element = document.activeElement ?? document.body) => {
    on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
    await settled()
  }
  const focused = () => document.activeElement?.getAttribute('data-testid')

  beforeEach(() => {
    setActivePinia(createPinia())
    history.replaceState(null, '', '/popup.html')
  })
  afterEach(() => {
    popup.unmount()
    document.body.replaceChildren()
  })

  it('leads members everywhere, and others to what needs no account', async () => {
    await be(IN)
    show()
    expect(ids()).toEqual(POPUP_SECTIONS.map(({ id }) => id))
    identity = OUT
    changed()
    await settled()
    expect(ids()).toEqual(['privacy', 'appearance', 'notifications', 'shortcuts', 'about'])
    expect(popup.find('input[name=email]').exists()).toBe(true)
  })

  it('is left to who is suspended, who is told so', async () => {
    await be(IN)
    show()
    expect(popup.find('[data-testid=suspended]').exists()).toBe(false)
    identity = { ...IN, suspended: true }
    changed()
    await settled()
    expect(popup.get('[data-testid=suspended]').text()).toContain('write to whoever runs')
    expect(ids()).toContain('account')
  })

  it('is not there before it is known who one is', () => {
    show()
    expect(ids()).toEqual([])
  })

  it.each(POPUP_SECTIONS.map(({ id, title }) => [id, title] as const))(
    'opens %s, takes the focus along, and gives it back',
    async (id, title) => {
      await be(IN)
      show()
      await open(id)
      await nextTick()
      const section = popup.get(`[data-testid=section-${id}]`)
      expect(document.activeElement).toBe(section.element)
      expect(section.attributes('aria-label')).toBe(translate(title))
      expect(section.find('h2').exists()).toBe(true)
      expect(popup.find('nav').exists()).toBe(false)
      expect(location.hash).toBe(`#${id}`)
      await popup.get('[data-testid=back]').trigger('click')
      await nextTick()
      expect(focused()).toBe(`open-${id}`)
      expect(location.hash).toBe('')
    },
  )

  it('is found again by Escape, which a question inside keeps for itself', async () => {
    await be(IN)
    show()
    await open('history')
    await popup.get('[data-testid=clear-history]').trigger('click')
    await settled()
    await press('Escape')
    expect(popup.find('[data-testid=clear-history-confirm]').exists()).toBe(false)
    expect(popup.find('[data-testid=section-history]').exists()).toBe(true)
    await press('Escape')
    expect(focused()).toBe('open-history')
  })

  it('leaves Escape to the browser where there is nothing to go back to', async () => {
    await be(IN)
    show()
    const outside = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true })
    document.body.dispatchEvent(outside)
    expect(outside.defaultPrevented).toBe(false)
    await open('about')
    const within = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true })
    document.body.dispatchEvent(within)
    expect(within.defaultPrevented).toBe(true)
    await settled()
    expect(popup.find('nav').exists()).toBe(true)
  })

  it('stays away where a part of the section had a use for Escape', async () => {
    await be(IN)
    show()
    await open('about')
    const section = popup.get('[data-testid=section-about]').element
    section.addEventListener('keydown', (event) => event.preventDefault())
    await press('Escape', section)
    expect(popup.find('[data-testid=section-about]').exists()).toBe(true)
  })

  it('is skipped by an address that names a section, once one may see it', async () => {
    history.replaceState(null, '', '/popup.html#history')
    show()
    expect(popup.find('[data-testid=section-history]').exists()).toBe(false)
    await be(IN)
    await nextTick()
    expect(popup.find('[data-testid=section-history]').exists()).toBe(true)
  })

  it('is there for an address that names nothing', async () => {
    history.replaceState(null, '', '/popup.html#nonsense')
    await be(IN)
    show()
    expect(ids().length).toBeGreaterThan(3)
  })

  it('is shown to who is signed out in the midst of what was theirs, and stays away where nothing was', async () => {
    await be(IN)
    show()
    await open('history')
    identity = OUT
    changed()
    await settled()
    expect(popup.find('input[name=email]').exists()).toBe(true)
    // Whoever signs in again begins at the beginning.
    identity = IN
    changed()
    await settled()
    expect(popup.find('nav').exists()).toBe(true)
    await open('about')
    identity = OUT
    changed()
    await settled()
    expect(popup.find('[data-testid=section-about]').exists()).toBe(true)
  })

  it('has one heading above all, whatever is shown', async () => {
    await be(IN)
    show()
    expect(popup.findAll('h1')).toHaveLength(1)
    await open('about')
    expect(popup.findAll('h1')).toHaveLength(1)
  })
})
