import { request } from 'node:http'
import { CookieJar } from 'tough-cookie'
import { WebSocket } from 'ws'
import type { Landings } from './backend.ts'

/** What became of one request. `landed`: where it came out of the balancer; `owner`: whose session it was. */
export interface Visit {
  readonly status: number
  readonly landed: string | undefined
  readonly owner: string | undefined
  readonly session: string | undefined
}

/** A client that keeps its cookies as a browser does, behind a balancer. Nothing is followed. */
export class Visitor {
  readonly #url: string
  readonly #landings: Landings
  readonly #jar = new CookieJar()
  readonly #name: string
  #sent = 0

  constructor(name: string, port: number, landings: Landings) {
    this.#name = name
    this.#url = `http://127.0.0.1:${port}`
    this.#landings = landings
  }

  /** Each request on a connection of its own; a status of 0: nobody has answered. */
  async ask(path: string): Promise<Visit> {
    const number = `${this.#name}-${++this.#sent}`
    const headers = { 'x-number': number, cookie: await this.#jar.getCookieString(this.#url) }
    const { status, setCookies, owner, session } = await send(this.#url + path, headers)
    for (const line of setCookies) await this.#jar.setCookie(line, this.#url)
    return { status, landed: this.#landings.get(number), owner, session }
  }

  /** Opens a WebSocket, which says whose session it is, and closes it. `owner` undefined: it was not opened. */
  async connect(): Promise<Pick<Visit, 'landed' | 'owner'>> {
    const number = `${this.#name}-${++this.#sent}`
    const headers = { 'x-number': number, cookie: await this.#jar.getCookieString(this.#url) }
    const socket = new WebSocket(this.#url.replace('http:', 'ws:'), { headers, handshakeTimeout: 10_000 })
    const owner = await new Promise<string | undefined>((resolve) => {
      socket.once('message', (text) => resolve(String(text)))
      socket.once('error', () => resolve(undefined)).once('close', () => resolve(undefined))
    })
    socket.terminate()
    return { landed: this.#landings.get(number), owner }
  }

  /** As if an answer had brought this hint. */
  async tell(hint: string): Promise<void> {
    await this.#jar.setCookie(`route=${hint}; Path=/`, this.#url)
  }

  /** The hint, and whatever else stands in the balancer's cookie, is gone. */
  async loseHint(): Promise<void> {
    const gone = new Date(0)
    for (const cookie of await this.#jar.getCookies(this.#url)) {
      if (cookie.key !== 'route') continue
      cookie.expires = gone
      cookie.maxAge = null
      await this.#jar.setCookie(cookie, this.#url)
    }
  }

  /** The value of the balancer's cookie. */
  async hint(): Promise<string | undefined> {
    return (await this.#jar.getCookies(this.#url)).find(({ key }) => key === 'route')?.value
  }
}

interface Sent {
  readonly status: number
  readonly setCookies: readonly string[]
  readonly owner: string | undefined
  readonly session: string | undefined
}

function send(url: string, headers: Record<string, string>): Promise<Sent> {
  return new Promise((resolve) => {
    const nobody: Sent = { status: 0, setCookies: [], owner: undefined, session: undefined }
    const outgoing = request(url, { headers, agent: false, timeout: 10_000 }, (res) => {
      const { statusCode: status = 0, headers } = res
      const [owner, session] = [headers['x-owner'], headers['x-session']].map((one) => one as string | undefined)
      res.on('error', () => resolve(nobody))
      res.resume().on('end', () => resolve({ status, setCookies: headers['set-cookie'] ?? [], owner, session }))
    })
    outgoing.on('timeout', () => outgoing.destroy())
    outgoing.on('error', () => resolve(nobody))
    outgoing.end()
  })
}
