import { describe, expect } from 'vitest'
import { outbox, test, ui } from './stage.ts'

describe('signing in by the popup', () => {
  test('survives the popup closing while the code is fetched, and joins the open channel', async ({
    viewer,
  }) => {
    const ann = await viewer('ann')
    const tab = await ann.open('shroud')
    await tab.panel.waitFor(ui.email)

    const after = Date.now() - 1
    const popup = await ann.browser.openPopup()
    await popup.fill(ui.email, ann.email)
    await popup.click(ui.sendCode)
    await popup.waitForSelector(ui.code)
    await popup.close()

    const again = await ann.browser.openPopup()
    await again.fill(ui.code, await outbox.waitForCode(ann.email, { after }))
    await again.click(ui.submitCode)
    const name = await again.textContent('[data-testid="me"]')
    expect(name).toMatch(/^[A-Z][A-Za-z]+\d{2,3}$/)
    await again.close()

    await tab.seeMembers(1)
    await tab.say('signed in elsewhere')
    expect((await tab.seeMessage('signed in elsewhere')).author).toBe(name)
  })

  test('a wrong code is refused in words, and signing out leaves the room', async ({ viewer }) => {
    const ann = await viewer('ann')
    const tab = await ann.open('shroud')
    await tab.panel.fill(ui.email, ann.email)
    await tab.panel.click(ui.sendCode)
    const code = await outbox.waitForCode(ann.email)
    await tab.panel.fill(ui.code, code === '000000' ? '000001' : '000000')
    await tab.panel.click(ui.submitCode)
    await tab.panel.waitFor('[data-testid="problem"]')
    await tab.panel.fill(ui.code, code)
    await tab.panel.click(ui.submitCode)
    await tab.seeMembers(1)

    const popup = await ann.browser.openPopup()
    await popup.click('[data-testid="sign-out"]')
    await popup.click('[data-testid="confirm-sign-out"]')
    await popup.waitForSelector(ui.email)
    await tab.panel.waitFor(ui.email)
  })
})
