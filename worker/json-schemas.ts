import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '../protocol/schema'

type Definition = OpenAPIHono['openAPIRegistry']['definitions'][number]
type Route = Extract<Definition, { type: 'route' }>['route']
type Content = NonNullable<NonNullable<Route['request']>['body']>['content']

/**
 * A route whose bodies are described by zod's own JSON Schema: the OpenAPI generator's takes fields that may be left out
 * (`exactOptional`) for required.
 */
export function withJsonSchemas(route: Route): Route {
  const { request, responses } = route
  const body = request?.body
  return {
    ...route,
    ...(request && {
      request: { ...request, ...(body && { body: { ...body, content: described(body.content, 'input') } }) },
    }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, answer]) => [
        status,
        'content' in answer && answer.content
          ? { ...answer, content: described(answer.content, 'output') }
          : answer,
      ]),
    ),
  }
}

function described(content: Content, io: 'input' | 'output'): Content {
  const found: Content = {}
  for (const [type, media] of Object.entries(content)) {
    const schema = media && 'schema' in media ? media.schema : undefined
    if (schema instanceof z.ZodType) found[type] = { ...media, schema: jsonSchemaOf(schema, io) }
    else if (media) found[type] = media
  }
  return found
}

/** What does not fit JSON Schema is left open; more fields than named are always taken. */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const {
    $schema: _,
    '~standard': __,
    ...described
  } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override({ jsonSchema }) {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  })
  return described
}
