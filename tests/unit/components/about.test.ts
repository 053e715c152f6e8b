// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import AboutSection from '../../../components/AboutSection.vue'
import { license, version } from '../../../package.json'
import { settled } from '../stores/fake-host'
import { global } from './translate'

// A server that cannot be reached.
beforeEach(() => vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline'))))
afterEach(() => vi.unstubAllGlobals())

describe('what Sidestream says about itself', () => {
  it('is its version, its licence and its server, and what that learns', () => {
    const about = mount(AboutSection, { global })
    expect(about.get('[data-testid=version]').text()).toBe(version)
    expect(about.text()).toContain(license)
    expect(about.text()).toContain('worker.test')
    expect(about.get('[data-testid=what-server-learns]').text()).toMatch(
      /IP address.*of what you say nothing/,
    )
    expect(about.get('[data-testid=open-docs]').attributes('href')).toBe('https://worker.test/docs')
  })

  it('names where to tell of abuse, if the server says so and it is an address', async () => {
    for (const [abuse, href] of [
      ['mailto:abuse@example.org', 'mailto:abuse@example.org'],
      ['javascript:alert(1)', undefined],
      [undefined, undefined],
    ]) {
      vi.stubGlobal('fetch', async () =>
        Response.json({ ok: true, version: '1', serverTime: 1, ...(abuse && { abuse }) }),
      )
      const about = mount(AboutSection, { global })
      await settled()
      const link = about.find('[data-testid=abuse-contact]')
      expect(link.exists() ? link.attributes('href') : undefined).toBe(href)
    }
  })

  it('links to nothing that does not exist, and tells nobody where from', () => {
    const about = mount(AboutSection, { global })
    expect(about.html()).not.toContain('.invalid')
    for (const link of about.findAll('a[href^=http]')) expect(link.attributes('rel')).toContain('noreferrer')
  })
})
