// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import AboutSection from '../../../components/AboutSection.vue'
import { license, version } from '../../../package.json'
import { global } from './translate'

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

  it('links to nothing that does not exist, and tells nobody where from', () => {
    const about = mount(AboutSection, { global })
    expect(about.html()).not.toContain('.invalid')
    for (const link of about.findAll('a[href^=http]')) expect(link.attributes('rel')).toContain('noreferrer')
  })
})
