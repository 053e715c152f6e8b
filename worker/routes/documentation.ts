import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { z } from '../../protocol/schema'
import type { AppEnv } from '../app-env'
import { docsPage, docsPolicy } from '../docs-page'
import type { ApiDocument } from '../openapi'
import { answers } from './responses'

/** The same until the next deployment. */
const CACHE = 'public, max-age=300'

const openapi = createRoute({
  method: 'get',
  path: '/openapi.json',
  description: 'This interface as an OpenAPI 3.1 document.',
  responses: answers({
    200: {
      description: 'The document',
      content: { 'application/json': { schema: z.looseObject({ openapi: z.string() }) } },
    },
  }),
})

const docs = createRoute({
  method: 'get',
  path: '/docs',
  description: 'The same for people: one page without scripts.',
  responses: answers({
    200: { description: 'A page', content: { 'text/html': { schema: z.string() } } },
  }),
})

/** What programs and people read about the Worker. `document` is asked when the first of them does. */
export function documentationRoutes(document: () => ApiDocument) {
  let made: ApiDocument | undefined
  const known = () => {
    made ??= document()
    return made
  }
  const routes = new OpenAPIHono<AppEnv>().openapi(docs, async (c) => {
    c.header('Cache-Control', CACHE)
    c.header('Content-Security-Policy', await docsPolicy())
    return c.html(docsPage(known()), 200)
  })
  // Not by `openapi()`: what the document holds is its generator's own type.
  routes.openAPIRegistry.registerPath(openapi)
  return routes.get(openapi.path, (c) => {
    c.header('Cache-Control', CACHE)
    return c.json(known())
  })
}
