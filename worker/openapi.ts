import { OpenAPIHono } from '@hono/zod-openapi'
import { version } from '../package.json'
import { problemSchema } from '../protocol/errors'
import type { AppEnv } from './app-env'
import { jsonSchemaOf, withJsonSchemas } from './json-schemas'
import { PROBLEM_TYPE } from './request-trail'

type App = Pick<OpenAPIHono<AppEnv>, 'openAPIRegistry'>
/** OpenAPI 3.1. */
export type ApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>
type PathItem = NonNullable<ApiDocument['paths']>[string]
export type Operation = NonNullable<PathItem['get']>
export type Answer = NonNullable<Operation['responses']>[string]

const METHODS = ['get', 'post', 'put', 'delete', 'patch'] as const

const INFO = {
  title: 'Sidestream',
  version,
  license: { name: 'MIT', identifier: 'MIT' },
  description:
    'Sign-in, names, pictures and introductions for the Sidestream extension. No message can be read here. A member’s requests carry an access token bound to the device key by DPoP (RFC 9449), dated by the nonce in the last answer’s `DPoP-Nonce`. Every failure is `application/problem+json` (RFC 9457) with a stable `code` and the `requestId` that `X-Request-Id` repeats. Web pages may not call: only the extension’s own origins are let in by CORS, and no cookie is ever set.',
}

const SECURITY_SCHEME = {
  type: 'http',
  scheme: 'DPoP',
  description:
    'RFC 9449: `Authorization: DPoP <access token>` and a proof in `DPoP`, with the nonce last seen.',
} as const

/** The document of all of an app's routes, with what the app itself answers before any of them. */
export function describeApi(app: App): ApiDocument {
  const described = new OpenAPIHono()
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type === 'route') described.openAPIRegistry.registerPath(withJsonSchemas(definition.route))
  }
  const document = described.getOpenAPI31Document({ openapi: '3.1.0', info: INFO })
  for (const route of operationsOf(document)) complete(route)
  return {
    ...document,
    components: {
      ...document.components,
      schemas: { Problem: { ...jsonSchemaOf(problemSchema, 'output') } },
      securitySchemes: { dpop: SECURITY_SCHEME },
    },
  }
}

/** Every route in a document, by path and method. */
export function operationsOf(document: ApiDocument) {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method]
      if (!operation) return []
      operation.responses ??= {}
      return [{ path, method, operation, responses: operation.responses }]
    }),
  )
}

function complete({ path, method, operation, responses }: ReturnType<typeof operationsOf>[number]): void {
  const words = path.split(/[^A-Za-z0-9]+/).filter(Boolean)
  operation.operationId ??= [method, ...words.map((word) => word[0]?.toUpperCase() + word.slice(1))].join('')
  operation.tags ??= [path.split('/')[1]?.replace(/^\./, '') ?? '']
  operation.security ??= []
  for (const answer of Object.values(responses)) {
    if ('content' in answer && answer.content?.[PROBLEM_TYPE]) answer.content = PROBLEM
  }
  responses[403] = also(responses[403], '`origin_not_allowed`')
  if (operation.requestBody) {
    responses[413] = also(responses[413], '`body_too_large`')
    responses[415] = also(responses[415], '`unsupported_media_type`')
  }
  for (const [status, answer] of Object.entries(responses)) {
    if (!('description' in answer) || status === '101') continue
    answer.headers = { 'X-Request-Id': REQUEST_ID, ...answer.headers }
  }
}

const PROBLEM = { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } }
const REQUEST_ID = {
  description: 'Names this request in the Worker’s log',
  schema: { type: 'string' },
} as const

/** What a route may answer with that status already, and what it does not know of. */
function also(own: Answer | undefined, more: string): Answer {
  const description = own && 'description' in own ? `${own.description}, ${more}` : more
  return { ...own, description, content: PROBLEM }
}
