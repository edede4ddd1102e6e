import { Agent, type IncomingMessage, request } from 'node:http'
import type { Random } from './random.ts'
import { sleep } from './redis-pair.ts'

type Hear = (cookies: readonly string[]) => void

export interface Reply {
  readonly status: number
  readonly body: string
  readonly backend: number
}

export type Sent =
  | { readonly kind: 'answered'; readonly reply: Reply }
  /** Every backend refused the connection: nothing was sent. */
  | { readonly kind: 'refused' }
  /** The connection broke, or no answer came in time: nobody knows how far it got. */
  | { readonly kind: 'broken'; readonly backend: number; readonly why: string }

/** What happens to a request on its way, in milliseconds. */
export interface Weather {
  /** The client is gone so long after sending. */
  readonly hangUp?: number | undefined
  /** The response reaches the client so much later than it was sent. */
  readonly hold?: number | undefined
}

/** Why a request broke whose client went away by itself. */
export const HUNG_UP = 'hung up'

/** Milliseconds a client waits for a whole response. */
const PATIENCE = 6000

/** Sends each request to a backend picked at random, and to another only when the first refused the connection. */
export class Balancer {
  readonly #ports: readonly number[]
  readonly #random: Random
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 200 })

  constructor(ports: readonly number[], random: Random) {
    this.#ports = ports
    this.#random = random
  }

  /** `onHead` hears the Set-Cookie values as soon as the response's headers are there. */
  async send(path: string, cookie: string, onHead: Hear, weather: Weather = {}): Promise<Sent> {
    for (const backend of this.#random.shuffle(this.#ports.map((_, index) => index))) {
      const sent = await this.#attempt(backend, path, cookie, onHead, weather)
      if (sent.kind !== 'refused') return sent
    }
    return { kind: 'refused' }
  }

  stop(): void {
    this.#agent.destroy()
  }

  #attempt(backend: number, path: string, cookie: string, onHead: Hear, { hangUp, hold = 0 }: Weather): Promise<Sent> {
    return new Promise((resolve) => {
      const headers = cookie ? { cookie } : {}
      const outgoing = request({ host: '127.0.0.1', port: this.#ports[backend], path, headers, agent: this.#agent })
      const giveUp = () => outgoing.destroy(new Error(hangUp === undefined ? 'no answer in time' : HUNG_UP))
      const timer = setTimeout(giveUp, hangUp ?? PATIENCE)
      const end = (sent: Sent) => {
        clearTimeout(timer)
        resolve(sent)
      }
      outgoing.on('error', (error) => {
        const refused = 'code' in error && error.code === 'ECONNREFUSED'
        end(refused ? { kind: 'refused' } : { kind: 'broken', backend, why: error.message })
      })
      outgoing.on('response', async (response: IncomingMessage) => {
        response.on('error', (error) => end({ kind: 'broken', backend, why: error.message }))
        // Nothing is read meanwhile: the whole response is late, its head too.
        if (hold > 0) await sleep(hold)
        if (response.destroyed) return
        onHead(response.headers['set-cookie'] ?? [])
        const chunks: Buffer[] = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('end', () => {
          const body = Buffer.concat(chunks).toString()
          end({ kind: 'answered', reply: { status: response.statusCode ?? 0, body, backend } })
        })
      })
      outgoing.end()
    })
  }
}
