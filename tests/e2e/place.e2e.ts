import { afterAll, beforeAll } from 'vitest'
import { Bystander } from './bystander.ts'
import { lightScenarios } from './place-light.ts'
import { sizeScenarios } from './place-size.ts'
import { stayScenarios } from './place-stay.ts'
import { windowScenarios } from './place-windows.ts'

/** One browser serves them all: to start one takes longer than most of them. */
let viewer: Bystander
beforeAll(async () => {
  viewer = await Bystander.arrive()
})
afterAll(async () => viewer?.chromium.close())

const there = () => viewer
lightScenarios(there)
windowScenarios(there)
stayScenarios(there)
sizeScenarios(there)
