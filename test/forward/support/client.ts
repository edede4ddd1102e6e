import { type IncomingHttpHeaders, request } from 'node:http'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly trailers: NodeJS.Dict<string>
  /** Our cookies, as they stand in Set-Cookie. */
  readonly cookies: readonly string[]
}

export interface Sending {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string | Buffer
  /** The address that it is sent from. */
  readonly localAddress?: string
}

/** One request, on a connection of its own. Rejects when it is broken off. */
export function send(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body, localAddress }: Sending = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const to = { port, host: '127.0.0.1', path, method, headers, agent: false, localAddress }
    const req = request(to, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk) => chunks.push(chunk))
      res.on('error', reject)
      res.on('end', () => {
        const cookies = (res.headers['set-cookie'] ?? []).filter((cookie) => cookie.startsWith('limpet='))
        const { statusCode: status = 0, headers, trailers } = res
        resolve({ status, headers, text: Buffer.concat(chunks).toString(), trailers, cookies })
      })
    })
    req.on('error', reject)
    req.end(body)
  })
}

/** The Cookie header that sends back what an answer has set. */
export function cookieOf({ cookies }: Answer): string {
  return cookies.map((cookie) => cookie.split(';')[0]).join('; ')
}
