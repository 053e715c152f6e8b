// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { ref } from 'vue'
import { avatarsKey } from '../../../components/avatars'
import MemberAvatar from '../../../components/MemberAvatar.vue'
import { HERON, ME } from '../stores/fake-host'

const urlOf = (account: string, avatar: string) => `https://worker.test/pictures/${account}/${avatar}`

function show(avatar?: string | null, known: [string, string][] = []) {
  const avatars = ref<ReadonlyMap<string, string>>(new Map(known))
  const props = { accountId: HERON, size: 28, ...(avatar !== undefined && { avatar }) }
  const face = mount(MemberAvatar, { props, global: { provide: { [avatarsKey]: avatars } } })
  return { face, avatars }
}

describe('an avatar', () => {
  it('is an identicon where there is no picture, and asks for none', () => {
    for (const { face } of [
      show(),
      show(null),
      show(null, [[HERON, 'room']]),
      show(undefined, [[ME, 'mine']]),
    ]) {
      expect(face.find('img').exists()).toBe(false)
      expect(face.find('svg path').attributes('d')).toBeTruthy()
    }
  })

  it('is the picture on the Worker, for which neither cookies nor the page are told', () => {
    const { face } = show('hash')
    expect(face.get('img').attributes()).toMatchObject({
      src: urlOf(HERON, 'hash'),
      referrerpolicy: 'no-referrer',
      crossorigin: 'anonymous',
      loading: 'lazy',
      alt: '',
    })
  })

  it('is the identicon until the picture is there, and if it never comes', async () => {
    const { face } = show('hash')
    expect(face.find('svg').exists()).toBe(true)
    await face.get('img').trigger('load')
    expect([face.find('svg').exists(), face.get('img').classes()]).toEqual([false, ['shown']])
    await face.setProps({ avatar: 'other' })
    expect([face.find('svg').exists(), face.get('img').attributes('src')]).toEqual([
      true,
      urlOf(HERON, 'other'),
    ])
    await face.get('img').trigger('error')
    expect([face.find('svg').exists(), face.find('img').exists()]).toEqual([true, false])
    await face.setProps({ avatar: 'third' })
    expect(face.find('img').exists()).toBe(true)
  })

  it('follows what the room knows, unless it is told itself', async () => {
    const { face, avatars } = show(undefined, [[HERON, 'room']])
    expect(face.get('img').attributes('src')).toBe(urlOf(HERON, 'room'))
    avatars.value = new Map([[HERON, 'new']])
    await face.vm.$nextTick()
    expect(face.get('img').attributes('src')).toBe(urlOf(HERON, 'new'))
    await face.setProps({ avatar: 'told' })
    expect(face.get('img').attributes('src')).toBe(urlOf(HERON, 'told'))
  })
})
