import type { Socket } from 'node:net'

/** The peer closed the connection in the middle of what was being read. */
export class Cut extends Error {
  readonly got: Buffer
  constructor(got: Buffer) {
    super(`the connection ended after ${got.length} bytes of what was expected`)
    this.got = got
  }
}

/** Pulls bytes out of a socket, in the units that HTTP/1.1 is made of. */
export class Bytes {
  #buffer = Buffer.alloc(0)
  #ended = false
  #wake: (() => void) | undefined

  constructor(socket: Socket) {
    socket.on('data', (chunk) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk])
      this.#wake?.()
    })
    const end = () => {
      this.#ended = true
      this.#wake?.()
    }
    socket.on('end', end)
    socket.on('close', end)
    // A reset is an end: whether it came too early is for the reader to say.
    socket.on('error', end)
  }

  /** Resolves true when there is more than before, false when there never will be. */
  async #more(): Promise<boolean> {
    if (this.#ended) return false
    const before = this.#buffer.length
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    return this.#buffer.length > before || !this.#ended
  }

  #shift(count: number): Buffer {
    const taken = this.#buffer.subarray(0, count)
    this.#buffer = this.#buffer.subarray(count)
    return taken
  }

  async take(count: number): Promise<Buffer> {
    while (this.#buffer.length < count) {
      if (!(await this.#more())) throw new Cut(this.#shift(this.#buffer.length))
    }
    return this.#shift(count)
  }

  /** One line without its CRLF. A bare LF or CR inside is an error: it would be a header injection. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf('\r\n')
      if (end >= 0) {
        const text = this.#shift(end + 2).toString('latin1', 0, end)
        if (/[\r\n]/.test(text)) throw new Error(`a bare CR or LF in ${JSON.stringify(text)}`)
        return text
      }
      if (!(await this.#more())) throw new Cut(this.#shift(this.#buffer.length))
    }
  }

  /** Everything up to the end of the connection. */
  async rest(): Promise<Buffer> {
    while (await this.#more());
    return this.#shift(this.#buffer.length)
  }
}
