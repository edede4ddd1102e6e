import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type LimpetEvent, type Sticky, type StickyOptions, type Store, sticky } from '../../../src/index.ts'

export const SECRET = 'a secret of the tests, of more than 32 bytes'

export type Work = (sticky: Sticky) => unknown

/** One process's worth of an application: an HTTP server with sticky(), whose handlers are written in the tests. */
export class Backend {
  readonly events: LimpetEvent[] = []
  readonly #works = new Map<string, Work>()
  readonly sticky
  readonly #server
  #next = 0

  private constructor(store: Store, options: StickyOptions) {
    this.sticky = sticky({ secret: SECRET, ...options, store, onEvent: (event) => this.events.push(event) })
    this.#server = createServer((req, res) => this.sticky(req, res, () => void this.#answer(req, res)))
  }

  static async start(store: Store, options: StickyOptions = {}): Promise<Backend> {
    const backend = new Backend(store, options)
    await new Promise<void>((resolve) => backend.#server.listen(0, '127.0.0.1', resolve))
    return backend
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  ofType<T extends LimpetEvent['type']>(type: T): Extract<LimpetEvent, { type: T }>[] {
    return this.events.filter((event) => event.type === type) as Extract<LimpetEvent, { type: T }>[]
  }

  get invalidation(): 'up' | 'down' {
    return this.ofType('invalidation').at(-1)?.state ?? 'down'
  }

  /** The path at which `work` will be done, once. */
  path(work: Work): string {
    const path = `/${this.#next++}`
    this.#works.set(path, work)
    return path
  }

  /** Ends sticky() and the server. */
  async close(): Promise<void> {
    await this.sticky.close()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { url = '' } = req
    const work = this.#works.get(url)
    this.#works.delete(url)
    try {
      const value = await work?.((req as IncomingMessage & { sticky: Sticky }).sticky)
      res.end(JSON.stringify({ value }))
    } catch (error) {
      const { code, applied, message } = error as { code?: string; applied?: unknown; message: string }
      res.statusCode = 503
      res.end(JSON.stringify({ error: { code, applied, message } }))
    }
  }
}

export interface Answer {
  readonly status: number
  /** What the handler returned. */
  readonly value: unknown
  /** What it threw. */
  readonly error: { readonly code?: string; readonly applied?: unknown; readonly message: string } | undefined
  readonly setCookie: readonly string[]
  /** The id in our cookie of this response. */
  readonly id: string | undefined
}

/** A client with a cookie jar. */
export class Browser {
  cookie: string | undefined

  constructor(cookie?: string) {
    this.cookie = cookie
  }

  async visit(backend: Backend, work: Work): Promise<Answer> {
    const answer = await fetchJson(backend.port, backend.path(work), this.cookie)
    const ours = answer.setCookie.find((cookie) => cookie.startsWith('limpet='))
    if (ours !== undefined) this.cookie = ours.split(';')[0]
    return { ...answer, id: ours?.slice('limpet=2kkkk'.length, 'limpet=2kkkk'.length + 24) }
  }

  /** Another tab: the same cookie now, another jar from here on. */
  fork(): Browser {
    return new Browser(this.cookie)
  }
}

function fetchJson(port: number, path: string, cookie: string | undefined): Promise<Omit<Answer, 'id'>> {
  return new Promise((resolve, reject) => {
    const headers = cookie === undefined ? {} : { cookie }
    const req = request({ host: '127.0.0.1', port, path, headers, agent: false }, (res) => {
      let body = ''
      res.setEncoding('utf8')
      res.on('data', (chunk) => {
        body += chunk
      })
      res.on('error', reject)
      res.on('end', () => {
        const { value, error } = JSON.parse(body)
        resolve({ status: res.statusCode ?? 0, value, error, setCookie: res.headers['set-cookie'] ?? [] })
      })
    })
    req.on('error', reject)
    req.end()
  })
}
