import { html, raw } from 'hono/html'
import { ERROR_CODES } from '../protocol/error-codes'
import { STYLE } from './docs-style'
import { type Answer, type ApiDocument, type Operation, operationsOf } from './openapi'
import { problemOf } from './problem'
import { schemaWords } from './schema-words'

/** Nothing but the page's own style sheet, known by its hash. */
export async function docsPolicy(): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(STYLE))
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest)))
  return `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`
}

/** The document as one page that needs no script. Everything in it is escaped. */
export function docsPage(document: ApiDocument) {
  const operations = operationsOf(document)
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${document.info.title} API</title>
<style>${raw(STYLE)}</style>
<body>
<header>
<h1>${document.info.title} API <small>${document.info.version}</small></h1>
<p>${words(document.info.description ?? '')}</p>
<p>For programs: <a href="/openapi.json">/openapi.json</a></p>
</header>
<nav aria-label="Routes"><ul>${operations.map(
    ({ method, path, operation }) =>
      html`<li><a href="#${operation.operationId}"><b>${method}</b> ${path}</a></li>`,
  )}</ul></nav>
<main>
${operations.map(section)}
<section id="problems">
<h2>Problems</h2>
<table><thead><tr><th scope="col">code</th><th scope="col">status</th><th scope="col">meaning</th></tr></thead>
<tbody>${ERROR_CODES.map((code) => {
    const { status, title } = problemOf(code)
    return html`<tr><td><code>${code}</code></td><td>${status}</td><td>${title}</td></tr>`
  })}</tbody></table>
</section>
</main>
</body>
</html>`
}

function section({ method, path, operation, responses }: ReturnType<typeof operationsOf>[number]) {
  const body = operation.requestBody
  const parameters = operation.parameters ?? []
  return html`<section id="${operation.operationId}">
<h2><b>${method}</b> <code>${path}</code></h2>
<p>${words(operation.description ?? '')}</p>
${operation.security?.length ? html`<p>For members: access token and DPoP proof.</p>` : ''}
${parameters.length === 0 ? '' : html`<h3>Parameters</h3><ul>${parameters.map(parameterLine)}</ul>`}
${body && 'content' in body ? html`<h3>Body</h3>${contents(body.content)}` : ''}
<h3>Answers</h3>
<ul>${Object.entries(responses).map(([status, answer]) => answerLine(status, answer))}</ul>
</section>`
}

const parameterLine = (parameter: NonNullable<Operation['parameters']>[number]) =>
  'name' in parameter
    ? html`<li><code>${parameter.name}</code> in ${parameter.in}: ${schemaWords(parameter.schema)}</li>`
    : ''

function answerLine(status: string, answer: Answer) {
  if (!('description' in answer)) return ''
  const isProblem = Number(status) >= 400
  return html`<li><b>${status}</b> ${words(answer.description)}${
    isProblem || !answer.content ? '' : contents(answer.content)
  }</li>`
}

const contents = (content: Record<string, { schema?: unknown }>) =>
  Object.entries(content).map(([type, { schema }]) => html`<p><code>${type}</code></p>${schemaWords(schema)}`)

/** Names between backticks become code. */
const words = (text: string) =>
  text.split('`').map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`))
