import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { Cause } from './causes.ts'
import { type Name, names, type PerLane } from './lanes.ts'
import type { Play } from './play.ts'
import type { Knobs, Result, Trial } from './trials.ts'
import { Trouble } from './trouble.ts'

/** What the page needs to draw itself. */
export interface Report {
  /** Whether backends share a store in this process or a Redis. */
  readonly store: 'memory' | 'redis'
  readonly causes: readonly Cause[]
  /** The newest play of each cause, by its id. */
  readonly plays: Record<string, PerLane<Play>>
  readonly trials: readonly Trial[]
  readonly results: Record<string, PerLane<Result>>
}

/** What the buttons of the page do. Undefined: there is no such thing. */
export interface Buttons {
  play(cause: string): Promise<PerLane<Play>> | undefined
  attempt(trial: string, knobs: Knobs): Promise<PerLane<Result>> | undefined
  stop(name: Name | undefined): Promise<PerLane<Result>> | undefined
}

export interface Page {
  readonly url: string
  close(): Promise<void>
}

const files: Record<string, readonly [file: string, type: string]> = {
  '/': ['index.html', 'text/html'],
  '/style.css': ['style.css', 'text/css'],
  '/board.css': ['board.css', 'text/css'],
  '/trials.css': ['trials.css', 'text/css'],
  '/wire.css': ['wire.css', 'text/css'],
  '/app.js': ['app.js', 'text/javascript'],
  '/board.js': ['board.js', 'text/javascript'],
  '/trials.js': ['trials.js', 'text/javascript'],
  '/wire.js': ['wire.js', 'text/javascript'],
  '/dom.js': ['dom.js', 'text/javascript'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
  // What the page links to, as it stands in this checkout.
  '/README.md': ['../../../README.md', 'text/plain'],
  '/docs/consistency.md': ['../../../docs/consistency.md', 'text/plain'],
  '/docs/design.md': ['../../../docs/design.md', 'text/plain'],
}

const headers = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}

/**
 * Serves the page on the loopback. `report` may still be on its way, so that a port that is taken is noticed before
 * anything is played.
 */
export async function servePage(port: number, report: Promise<Report>, buttons: Buttons): Promise<Page> {
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    try {
      if (request.method === 'POST') {
        const result = await press(buttons, pathname, searchParams)
        return result ? send(response, 200, 'application/json', JSON.stringify(result)) : missing(response)
      }
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return send(response, 405, 'text/plain', 'GET or POST\n')
      if (pathname === '/api/report') return send(response, 200, 'application/json', JSON.stringify(await report))
      const [file, type] = files[pathname] ?? []
      if (!file || !type) return missing(response)
      send(response, 200, type, await readFile(new URL(`public/${file}`, import.meta.url)))
    } catch (error) {
      const status = error instanceof Trouble ? 400 : 500
      send(response, status, 'text/plain', `${error instanceof Error ? error.message : error}\n`)
    }
  })

  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error
    if (code === 'EADDRINUSE') throw new Trouble(`port ${port} is taken: choose another, as in PORT=3100 npm run demo`)
    throw new Trouble(`cannot listen on port ${port} (${code}): choose another, as in PORT=3100 npm run demo`)
  }
  const address = server.address()
  return {
    url: `http://localhost:${typeof address === 'object' && address ? address.port : port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Does what a button asks for. */
function press(buttons: Buttons, path: string, query: URLSearchParams): Promise<unknown> | undefined {
  const [, kind, id = ''] = /^\/api\/(causes|trials|stop)\/([a-z0-9-]+)$/.exec(path) ?? []
  if (kind === 'causes') return buttons.play(id)
  if (kind === 'trials') return buttons.attempt(id, { atOnce: parseAtOnce(query.get('at-once') ?? '20') })
  if (kind !== 'stop') return undefined
  const name = names.find((known) => known === id)
  return name || id === 'none' ? buttons.stop(name) : undefined
}

function parseAtOnce(text: string): number {
  const atOnce = Number(text)
  if (Number.isInteger(atOnce) && atOnce >= 2 && atOnce <= 100) return atOnce
  throw new Trouble('the number of requests at once has to be a whole number from 2 to 100')
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { ...headers, 'content-type': `${type}; charset=utf-8` }).end(body)
}

function missing(response: ServerResponse): void {
  send(response, 404, 'text/plain', 'nothing here\n')
}
