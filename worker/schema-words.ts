import { html } from 'hono/html'
import { z } from '../protocol/schema'

/** As much of a JSON Schema (2020-12) as the docs page tells in words. */
const wordSchema = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  description: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
})
type Words = z.infer<typeof wordSchema>

/** Deeper schemas are left to the document. */
const MAX_DEPTH = 6

/** A schema as a phrase, and the fields of an object as a list below it. */
export function schemaWords(schema: unknown, depth = 0): unknown {
  const { success, data } = wordSchema.safeParse(schema)
  if (!success || depth > MAX_DEPTH) return ''
  const either = data.anyOf ?? data.oneOf
  if (either)
    return html`one of <ul>${either.map((one) => html`<li>${schemaWords(one, depth + 1)}</li>`)}</ul>`
  if (data.type === 'array') return html`array of ${schemaWords(data.items, depth + 1)}`
  if (!data.properties) return html`${phrase(data)}`
  const required = new Set(data.required)
  return html`<ul>${Object.entries(data.properties).map(
    ([name, field]) =>
      html`<li><code>${name}</code>${required.has(name) ? '' : ' (optional)'}: ${schemaWords(field, depth + 1)}</li>`,
  )}</ul>`
}

function phrase({ $ref, type, enum: values, format, pattern, description, ...rest }: Words): string {
  if ($ref !== undefined) return $ref.split('/').at(-1) ?? ''
  if (rest.const !== undefined) return JSON.stringify(rest.const)
  if (values) return values.map((value) => JSON.stringify(value)).join(' or ')
  const parts = [
    [type].flat().filter(Boolean).join(' or ') || 'anything',
    format,
    rest.minLength !== undefined && `at least ${rest.minLength} long`,
    rest.maxLength !== undefined && `at most ${rest.maxLength} long`,
    rest.minimum !== undefined && `from ${rest.minimum}`,
    rest.maximum !== undefined && `to ${rest.maximum}`,
    pattern !== undefined && `matching ${pattern}`,
    description,
  ]
  return parts.filter((part) => part !== false && part !== undefined).join(', ')
}
