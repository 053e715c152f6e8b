import { describe, expect, it } from 'vitest'
import { splitLinks } from '../../../components/links'

const links = (text: string) => splitLinks(text).flatMap((part) => ('href' in part ? [part.href] : []))
const shown = (text: string) =>
  splitLinks(text)
    .map((part) => part.text)
    .join('')

describe('links in messages', () => {
  it('splits text and links, and loses nothing', () => {
    expect(splitLinks('see https://a.example/x?y=1#z and http://b.example')).toEqual([
      { text: 'see ' },
      { text: 'https://a.example/x?y=1#z', href: 'https://a.example/x?y=1#z' },
      { text: ' and ' },
      { text: 'http://b.example', href: 'http://b.example/' },
    ])
  })

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt://a.example/%0aalert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    'chrome-extension://abc/panel.html',
    'ftp://a.example',
    'xhttps://a.example',
    'www.a.example',
    'https://',
    'https://[::1',
    'https://user@evil.example',
    'https://twitch.tv:secret@evil.example/',
    'https://twitch.tv%2F@evil.example',
  ])('%s stays text', (text) => {
    expect(splitLinks(text)).toEqual([{ text }])
  })

  it('shows a host beyond ASCII in punycode, so that it cannot pass for another', () => {
    expect(splitLinks('https://аррӏе.com/login')).toEqual([
      { text: 'https://xn--80ak6aa92e.com/login', href: 'https://xn--80ak6aa92e.com/login' },
    ])
    for (const slash of ['\u2044', '%E2%81%84']) {
      expect(shown(`https://twitch.tv${slash}evil.example`)).toBe('https://twitch.xn--tvevil-qq0c.example/')
    }
  })

  it('shows a path as it was typed', () => {
    expect(splitLinks('https://de.example/Straße')).toEqual([
      { text: 'https://de.example/Straße', href: 'https://de.example/Stra%C3%9Fe' },
    ])
  })

  it('ends a link before what turns or hides text', () => {
    for (const mark of ['\u202e', '\u2066', '\u200b', '\u0000']) {
      expect(links(`https://a.example/${mark}gpj.exe`)).toEqual(['https://a.example/'])
    }
  })

  it.each([
    ['Look: https://a.example.', 'https://a.example/'],
    ['(https://a.example/x)', 'https://a.example/x'],
    ['https://a.example/x_(y)', 'https://a.example/x_(y)'],
    ['“https://a.example/x”!?', 'https://a.example/x'],
    ['https://a.example/x,', 'https://a.example/x'],
  ])('%s links %s', (text, href) => {
    expect(links(text)).toEqual([href])
    expect(shown(text)).toBe(text)
  })

  it('is quick with text made to be slow', () => {
    const started = performance.now()
    for (const text of [
      `https://a.example/${'('.repeat(500)}`,
      'https://'.repeat(60),
      `https://a${'.'.repeat(490)}`,
    ]) {
      expect(shown(text).length).toBeGreaterThan(0)
    }
    expect(performance.now() - started).toBeLessThan(100)
  })
})
