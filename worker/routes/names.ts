import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { nameAvailabilitySchema, nameSuggestionQuerySchema, nameSuggestionsSchema } from '../../protocol/api'
import type { AppEnv } from '../app-env'
import { authenticatedFor } from '../auth/authenticated'
import { availabilityOf } from '../names/availability'
import { nameFolds } from '../names/fold'
import { suggestedNames } from '../names/suggestions'
import { randomBelow } from '../random'
import { refuseInvalid } from './refuse-invalid'
import { dpop, json, provenAnswers } from './responses'

const availability = createRoute({
  method: 'get',
  path: '/names/{name}/availability',
  description:
    'Whether the asker could take a name now. Reserves nothing, and says of nobody whose a name is.',
  security: dpop,
  middleware: [authenticatedFor('names')] as const,
  request: { params: z.object({ name: z.string() }) },
  responses: provenAnswers({ 200: json(nameAvailabilitySchema, 'Free or not, and why') }),
})

const suggestions = createRoute({
  method: 'get',
  path: '/names/suggest',
  description: 'Some names that are free now; with `like`, at first those that resemble it. Reserves none.',
  security: dpop,
  middleware: [authenticatedFor('suggestions')] as const,
  request: { query: nameSuggestionQuerySchema },
  responses: provenAnswers({ 200: json(nameSuggestionsSchema, 'Names') }),
})

/** What names there are to have. */
export const nameRoutes = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  .openapi(availability, async (c) => {
    const { name } = c.req.valid('param')
    const answer = await availabilityOf(c.env.NAMES, name, c.var.member)
    const account = c.env.ACCOUNTS.getByName(c.var.member.account)
    const isLost = answer.available && (await account.lostAny(nameFolds(name)))
    return c.json(isLost ? { available: false, reason: 'taken' as const } : answer, 200)
  })
  .openapi(suggestions, async (c) => {
    const { like = '' } = c.req.valid('query')
    const { account } = c.var.member
    const names = await suggestedNames(c.env.NAMES, { account, like, random: randomBelow })
    return c.json({ names }, 200)
  })
