const REFUSED = { setHeader: 'set', appendHeader: 'append', setHeaders: 'set', removeHeader: 'remove' } as const

/**
 * Makes a response look as if its head had left: for what comes after a `writeHead` or `end` that is held back. Nothing
 * can be set any more, and frameworks do not try to answer once more.
 */
export class Shutter {
  readonly #response: object
  #before: Map<string, PropertyDescriptor | undefined> | undefined

  constructor(response: object) {
    this.#response = response
  }

  close(): void {
    if (this.#before) return
    const response = this.#response
    const before = new Map<string, PropertyDescriptor | undefined>()
    const replace = (name: string, descriptor: PropertyDescriptor) => {
      before.set(name, Object.getOwnPropertyDescriptor(response, name))
      Object.defineProperty(response, name, { ...descriptor, configurable: true, enumerable: false })
    }
    replace('headersSent', { get: () => true })
    for (const [name, what] of Object.entries(REFUSED)) {
      if (!(name in response)) continue
      replace(name, {
        writable: true,
        value: () => {
          throw Shutter.refusal(what)
        },
      })
    }
    this.#before = before
  }

  open(): void {
    for (const [name, descriptor] of this.#before ?? []) {
      if (descriptor) Object.defineProperty(this.#response, name, descriptor)
      else Reflect.deleteProperty(this.#response, name)
    }
    this.#before = undefined
  }

  /** What Node throws in such a case. */
  static refusal(what: string): Error {
    const error = new Error(`Cannot ${what} headers after they are sent to the client`)
    return Object.assign(error, { code: 'ERR_HTTP_HEADERS_SENT' })
  }
}
