import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express } from 'express'
import { type LimpetEvent, type StickyOptions, sticky } from '../../../src/index.ts'
import { redisStoreFromUrl } from '../../../src/redis/from-url.ts'
import { undiciHop } from '../../../src/undici.ts'

/** One for each kind of hop: backends with different secrets do not know each other. */
export const SECRET = `the secret of the forwarding tests, of more than 32 bytes${process.env.TEST_HOP ?? ''}`

/** One backend of an application, on a port of its own. Its state cannot leave it: what was counted stands in its memory. */
export class Backend {
  readonly events: LimpetEvent[] = []
  readonly app: Express = express()
  readonly limpet
  readonly server: Server
  readonly id: string

  private constructor(id: string, redisUrl: string, port: number, server: Server, options: StickyOptions) {
    this.id = id
    this.server = server
    this.limpet = sticky({
      secret: SECRET,
      store: redisStoreFromUrl(redisUrl),
      backend: { id, url: `http://127.0.0.1:${port}` },
      misdirected: 'forward',
      ...(process.env.TEST_HOP === 'undici' && options.misdirected !== 'serve' && { hop: undiciHop }),
      ...options,
      onEvent: (event) => this.events.push(event),
    })
    this.limpet.attach(server)
    this.app.use(this.limpet)
    server.on('request', this.app)
  }

  /** `port`: that of one which has ended. Default: a free one. */
  static async start(id: string, redisUrl: string, options: StickyOptions = {}, port = 0): Promise<Backend> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return new Backend(id, redisUrl, (server.address() as AddressInfo).port, server, options)
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  ofType<T extends LimpetEvent['type']>(type: T): Extract<LimpetEvent, { type: T }>[] {
    return this.events.filter((event) => event.type === type) as Extract<LimpetEvent, { type: T }>[]
  }

  async stop(): Promise<void> {
    await this.limpet.close()
    this.server.closeAllConnections()
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve))
  }
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void
