import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { Cause } from './causes.ts'
import type { Pair } from './play.ts'
import { Trouble } from './trouble.ts'

/** What the page needs to draw itself. */
export interface Report {
  /** Whether the sticky backends share a store in this process or a Redis. */
  readonly store: 'memory' | 'redis'
  readonly causes: readonly Cause[]
  /** The newest play of each cause, by its id. */
  readonly plays: Record<string, Pair>
}

export interface Page {
  readonly url: string
  close(): Promise<void>
}

const files: Record<string, readonly [file: string, type: string]> = {
  '/': ['index.html', 'text/html'],
  '/style.css': ['style.css', 'text/css'],
  '/board.css': ['board.css', 'text/css'],
  '/wire.css': ['wire.css', 'text/css'],
  '/app.js': ['app.js', 'text/javascript'],
  '/board.js': ['board.js', 'text/javascript'],
  '/wire.js': ['wire.js', 'text/javascript'],
  '/dom.js': ['dom.js', 'text/javascript'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
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
 * anything is played. `again` plays one cause again; undefined when there is no such cause.
 */
export async function servePage(
  port: number,
  report: Promise<Report>,
  again: (id: string) => Promise<Pair> | undefined,
): Promise<Page> {
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const replay = /^\/api\/causes\/([a-z-]+)\/play$/.exec(path)
    try {
      if (request.method === 'POST') {
        const pair = await (replay?.[1] ? again(replay[1]) : undefined)
        return pair ? send(response, 200, 'application/json', JSON.stringify(pair)) : missing(response)
      }
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return send(response, 405, 'text/plain', 'GET or POST\n')
      if (path === '/api/report') return send(response, 200, 'application/json', JSON.stringify(await report))
      const [file, type] = files[path] ?? []
      if (!file || !type) return missing(response)
      send(response, 200, type, await readFile(new URL(`public/${file}`, import.meta.url)))
    } catch (error) {
      send(response, 500, 'text/plain', `${error instanceof Error ? error.message : error}\n`)
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

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { ...headers, 'content-type': `${type}; charset=utf-8` }).end(body)
}

function missing(response: ServerResponse): void {
  send(response, 404, 'text/plain', 'nothing here\n')
}
