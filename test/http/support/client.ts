import { Agent, type IncomingHttpHeaders, request as send } from 'node:http'
import { request as sendSecurely } from 'node:https'
import { decodeToken, type Token } from '../../../src/core/token.ts'

export interface Ask {
  readonly method?: string
  readonly headers?: Record<string, string>
  /** For https. */
  readonly tls?: object
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** All header lines as they came, "Name: value". */
  readonly lines: readonly string[]
  /** Whole values of Set-Cookie fields that set our cookie. */
  readonly cookies: readonly string[]
  readonly body: string
}

const agent = new Agent({ keepAlive: true, maxSockets: 8 })

/** One request over a real socket. Nothing is followed, nothing is kept. */
export function ask(port: number, path = '/', { method = 'GET', headers = {}, tls }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, headers }
    const outgoing = tls ? sendSecurely({ ...options, ...tls }) : send({ ...options, agent })
    outgoing.once('error', reject)
    outgoing.once('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('error', reject)
      response.once('end', () => {
        const { rawHeaders } = response
        const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : []))
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          lines,
          cookies: (response.headers['set-cookie'] ?? []).filter((cookie) => cookie.startsWith('limpet=')),
          body: Buffer.concat(chunks).toString(),
        })
      })
    })
    outgoing.end()
  })
}

/** A browser that keeps one cookie. */
export class Browser {
  value: string | undefined

  async ask(port: number, path = '/', options: Ask = {}): Promise<Answer> {
    const cookie: Record<string, string> = this.value === undefined ? {} : { cookie: `limpet=${this.value}` }
    const answer = await ask(port, path, { ...options, headers: { ...cookie, ...options.headers } })
    const last = answer.cookies.at(-1)
    if (last !== undefined) this.value = textOf(last)
    return answer
  }

  get token(): Token {
    const decoded = decodeToken(this.value ?? '')
    if (!decoded) throw new Error(`not a token: ${this.value}`)
    return decoded.token
  }
}

/** The token in a Set-Cookie value. */
export function textOf(setCookie: string): string {
  return setCookie.slice(setCookie.indexOf('=') + 1).split(';')[0] ?? ''
}
