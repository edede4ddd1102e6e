import { type Ask, ask, type Answer as Plain } from '../../http/support/client.ts'

export interface Answer {
  readonly status: number
  readonly text: string
  /** Names of the cookies that it set. */
  readonly set: readonly string[]
  /** Whole values of Set-Cookie. */
  readonly setCookie: readonly string[]
  readonly headers: Plain['headers']
}

/** A browser that keeps all cookies of one host, whatever their path. */
export class Jar {
  readonly cookies = new Map<string, string>()

  async ask(port: number, path = '/', options: Ask = {}): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...(cookie !== '' && { cookie }), ...options.headers }
    const { status, body, headers: got } = await ask(port, path, { ...options, headers })
    const setCookie = got['set-cookie'] ?? []
    for (const one of setCookie) this.#keep(one)
    return { status, text: body, set: setCookie.map((one) => one.slice(0, one.indexOf('='))), setCookie, headers: got }
  }

  async json(port: number, path = '/'): Promise<unknown> {
    return JSON.parse((await this.ask(port, path)).text)
  }

  /** On a connection of its own, however many there are; only the status is told. */
  async alone(port: number, path = '/'): Promise<number> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie }, redirect: 'manual' })
    await response.text()
    return response.status
  }

  /** The same cookies, in another tab or on another machine. */
  copy(): Jar {
    const copy = new Jar()
    for (const [name, value] of this.cookies) copy.cookies.set(name, value)
    return copy
  }

  #keep(setCookie: string): void {
    const [pair = '', ...attributes] = setCookie.split(';').map((part) => part.trim())
    const name = pair.slice(0, pair.indexOf('='))
    const gone = attributes.some((one) => {
      const [word = '', value = ''] = one.split('=')
      if (/^max-age$/i.test(word)) return Number(value) <= 0
      return /^expires$/i.test(word) && Date.parse(value) <= Date.now()
    })
    if (gone) this.cookies.delete(name)
    else this.cookies.set(name, pair.slice(name.length + 1))
  }
}
