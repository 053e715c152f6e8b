import { registerSchema, unregisterSchema, validate } from '@hyperjump/json-schema/draft-2020-12'
import { validate as validateOpenApi } from '@hyperjump/json-schema/openapi-3-1'
import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../../protocol/error-codes'
import { z } from '../../protocol/schema'
import { app } from '../../worker/app'
import { authed, signIn } from './support/viewer'
import { call, codeOf, EXTENSION, ORIGIN } from './support/worker'

const answerSchema = z.looseObject({
  description: z.string().min(3),
  headers: z.record(z.string(), z.unknown()).optional(),
  content: z.record(z.string(), z.looseObject({ schema: z.unknown() })).optional(),
})
const operationSchema = z.looseObject({
  operationId: z.string(),
  tags: z.array(z.string()).min(1),
  description: z.string().min(10),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })).optional(),
  requestBody: z.looseObject({ content: z.record(z.string(), z.unknown()) }).optional(),
  responses: z.record(z.string(), answerSchema),
})
const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({ schemas: z.looseObject({ Problem: z.unknown() }) }),
})
const read = async () => {
  const answer = await call('GET', '/openapi.json')
  expect(answer.headers.get('Content-Type')).toMatch(/^application\/json/)
  return answer.json()
}

const operations = async () =>
  Object.entries(documentSchema.parse(await read()).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
  )

/** Routes whose answers name what proves the caller in the body itself: a signed assertion, or a mailed code. */
const PROVEN_BY_BODY = ['/auth/token', '/auth/verify']
/** What a window shows to people is no problem document. */
const PLAIN_FAILURES = ['/twitch/start 410', '/twitch/callback 410']

describe('GET /openapi.json', () => {
  it('is valid OpenAPI 3.1, its schemas too', async () => {
    const isDocument = await validateOpenApi('https://spec.openapis.org/oas/3.1/schema-base')
    const document = z.json().parse(await read())
    const output = isDocument(document, 'BASIC')
    expect('errors' in output ? output.errors : []).toEqual([])
    expect(output.valid).toBe(true)
    // It does refuse what is none.
    expect(isDocument({ ...z.record(z.string(), z.json()).parse(document), paths: { ice: {} } }).valid).toBe(
      false,
    )
  })

  it('describes every route, and nothing else', async () => {
    const described = (await operations()).map(({ method, path }) => `${method} ${path}`)
    const handled = app.routes
      // The operator's own are nobody's to program against.
      .filter(({ method, path }) => method !== 'ALL' && !path.startsWith('/admin/'))
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
    expect(described.toSorted()).toEqual([...new Set(handled)].toSorted())
    expect(described).toContain('post /rooms/{room}/ticket')
  })

  it('gives each route a name of its own', async () => {
    const ids = (await operations()).map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('tells how each route fails', async () => {
    for (const { method, path, responses, security, requestBody } of await operations()) {
      const route = `${method} ${path}`
      const wanted = ['400', '403', '429', '500']
      if (security.length > 0 || PROVEN_BY_BODY.includes(path)) wanted.push('401')
      if (requestBody) wanted.push('413', '415')
      expect(Object.keys(responses), route).toEqual(expect.arrayContaining(wanted))
      expect(
        Object.keys(responses).some((status) => /^(1|2|3)/.test(status)),
        route,
      ).toBe(true)
      for (const [status, { content, headers }] of Object.entries(responses)) {
        if (status !== '101') expect(headers, route).toHaveProperty('X-Request-Id')
        if (Number(status) < 400 || PLAIN_FAILURES.includes(`${path} ${status}`)) continue
        expect(content, `${route} ${status}`).toEqual({
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        })
      }
    }
  })

  it('names every parameter in a path', async () => {
    for (const { path, parameters = [] } of await operations()) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      expect(parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(named)
    }
  })

  it('declares as open to anybody exactly what is', async () => {
    for (const { method, path, security, requestBody } of await operations()) {
      const answer = await call(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'twitch:cats'), {
        ...(requestBody && {
          body: '{}',
          headers: { 'Content-Type': Object.keys(requestBody.content)[0] ?? '' },
        }),
      })
      if (security.length > 0) {
        expect(security, path).toEqual([{ dpop: [] }])
        expect(answer.status, `${method} ${path}`).toBe(401)
        expect(answer.headers.get('WWW-Authenticate'), path).toMatch(/^DPoP /)
      } else {
        const isRefused = answer.headers.get('Content-Type') === 'application/problem+json'
        expect(isRefused && (await codeOf(answer)), `${method} ${path}`).not.toBe('token_invalid')
      }
    }
  })
})

describe('what the document promises', () => {
  it('is what routes answer', async () => {
    const { components } = documentSchema.parse(await read())
    const viewer = await signIn()
    let checked = 0
    for (const { path, method, security, parameters = [], responses } of await operations()) {
      if (method !== 'get' || parameters.length > 0) continue
      for (const answer of [
        await call('GET', path),
        ...(security.length > 0 ? [await authed(viewer, 'GET', path)] : []),
      ]) {
        const type = answer.headers.get('Content-Type')?.split(';')[0] ?? ''
        const promised = responses[answer.status]
        expect(promised, `${path} ${answer.status}`).toBeDefined()
        if (!type.endsWith('json')) continue
        const own = promised?.content?.[type]?.schema
        const schema = z.record(z.string(), z.json()).parse(answer.ok ? own : components.schemas.Problem)
        const uri = `${ORIGIN}/schema/${checked}`
        registerSchema(schema, uri, 'https://json-schema.org/draft/2020-12/schema')
        const fits = await validate(uri)
        expect(fits(z.json().parse(await answer.json())).valid, `${path} ${answer.status}`).toBe(true)
        unregisterSchema(uri)
        checked += 1
      }
    }
    expect(checked).toBeGreaterThan(6)
  })

  it('may be called from our extensions: each method passes a preflight', async () => {
    for (const { path, method } of await operations()) {
      const answer = await call('OPTIONS', path.replaceAll(/\{\w+\}/g, 'x'), {
        headers: { Origin: EXTENSION, 'Access-Control-Request-Method': method.toUpperCase() },
      })
      expect(answer.status).toBe(204)
      expect(answer.headers.get('Access-Control-Allow-Methods')?.split(', ')).toContain(method.toUpperCase())
    }
  })
})

describe('GET /docs', () => {
  it('is a page for people with every route and every problem, which runs no script', async () => {
    const answer = await call('GET', '/docs')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('Content-Type')).toMatch(/^text\/html/)
    const policy = answer.headers.get('Content-Security-Policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/script-src|unsafe-inline|https?:/)
    const page = await answer.text()
    for (const { path, operationId } of await operations()) {
      expect(page).toContain(path)
      expect(page).toContain(`id="${operationId}"`)
    }
    for (const code of ERROR_CODES) expect(page).toContain(`<code>${code}</code>`)
    // What is in a body, not only that there is one.
    expect(page).toContain('<code>serverTime</code>: integer')
    expect(page).toContain('<code>email</code>: string, at most 254 long')
    expect(page).not.toMatch(/<script|\bon\w+=|javascript:|(?:src|href)="(?:https?:)?\/\//i)
    expect(page).not.toMatch(/\[object |undefined/)
  })

  it('wears its own style sheet: the policy knows its hash', async () => {
    const answer = await call('GET', '/docs')
    const style = /<style>(.*?)<\/style>/s.exec(await answer.text())?.[1] ?? ''
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style))
    const hash = btoa(String.fromCharCode(...new Uint8Array(digest)))
    expect(style.length).toBeGreaterThan(100)
    expect(answer.headers.get('Content-Security-Policy')).toContain(`style-src 'sha256-${hash}'`)
  })
})
