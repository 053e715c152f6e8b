import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { build } from 'vite'
import { closeServer, listenOnLoopback } from '../../scripts/stage/loopback.ts'

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** The script of `panel-page.ts`, to be run before a page's own. */
export async function bundlePage(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      minify: false,
      lib: {
        entry: join(import.meta.dirname, 'panel-page.ts'),
        formats: ['iife'],
        name: 'page',
        fileName: 'page',
      },
    },
  })
  const [output] = Array.isArray(result) ? result : [result]
  const chunk = output && 'output' in output ? output.output[0] : undefined
  if (!chunk) throw new Error('nothing was built')
  return chunk.code
}

/** Serves a built extension's files on loopback. */
export async function serveBuild(dir: string): Promise<{ origin: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname)
    readFile(join(dir, path)).then(
      (content) => {
        response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream')
        response.end(content)
      },
      () => {
        response.statusCode = 404
        response.end()
      },
    )
  })
  const port = await listenOnLoopback(server)
  return { origin: `http://127.0.0.1:${port}`, close: () => closeServer(server) }
}
