import { connect, createServer, type Server, type Socket } from 'node:net'

/** One direction of one connection: what arrives waits here until it is due. */
class Lane {
  readonly #link: Link
  readonly #direction: 'forth' | 'back'
  readonly #to: Socket
  readonly #waiting: { chunk: Buffer; due: number }[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(link: Link, direction: 'forth' | 'back', to: Socket) {
    this.#link = link
    this.#direction = direction
    this.#to = to
  }

  /** Swallows what comes: the connection is there, and nothing passes. */
  muted = false

  push(chunk: Buffer): void {
    if (this.muted) return
    const earliest = this.#waiting.at(-1)?.due ?? 0
    this.#waiting.push({ chunk, due: Math.max(earliest, performance.now() + this.#link.delay[this.#direction]()) })
    this.flush()
  }

  flush(): void {
    clearTimeout(this.#timer)
    if (this.#link.held) return
    while (this.#waiting[0] && this.#waiting[0].due <= performance.now()) {
      const next = this.#waiting.shift()
      if (next && this.#to.writable) this.#to.write(next.chunk)
    }
    const [next] = this.#waiting
    if (next) this.#timer = setTimeout(() => this.flush(), Math.max(1, next.due - performance.now()))
  }

  drop(): void {
    clearTimeout(this.#timer)
    this.#waiting.length = 0
  }
}

/** A command of its own in the protocol, whatever keys and values say. */
const SUBSCRIBES = /\r\np?subscribe\r\n/i

interface Pair {
  close(): void
  readonly lanes: readonly Lane[]
  /** It has subscribed to something: what comes back on it is news, and no answers. */
  listens: boolean
}

/**
 * A TCP hop on the loopback that can be slow, hold everything back, break its connections, and lead somewhere else. What is held back
 * is delivered when it is released: late, as by a network that had lost its way for a while.
 */
export class Link {
  held = false
  /** Milliseconds added to each chunk on its way to the target, and back. */
  readonly delay: { forth: () => number; back: () => number } = { forth: () => 0, back: () => 0 }
  target: number
  readonly #server: Server
  readonly #pairs = new Set<Pair>()

  private constructor(target: number) {
    this.target = target
    this.#server = createServer((near) => this.#join(near))
  }

  static async start(target: number): Promise<Link> {
    const link = new Link(target)
    await new Promise<void>((resolve) => link.#server.listen(0, '127.0.0.1', resolve))
    return link
  }

  get port(): number {
    const address = this.#server.address()
    if (typeof address !== 'object' || !address) throw new Error('the link is closed')
    return address.port
  }

  hold(): void {
    this.held = true
  }

  release(): void {
    this.held = false
    for (const { lanes } of this.#pairs) for (const lane of lanes) lane.flush()
  }

  /** Breaks every connection; what was on the way is lost. */
  cut(): void {
    for (const pair of [...this.#pairs]) pair.close()
  }

  /** Breaks the connections on which a backend hears of changes, and no others. */
  cutListeners(): void {
    for (const pair of this.#listeners()) pair.close()
  }

  /** Those connections go silent, and stay so: nobody is told. Returns those that are, to be cut some time. */
  muteListeners(): { cut: () => void } {
    const muted = this.#listeners()
    for (const { lanes } of muted) for (const lane of lanes) lane.muted = true
    return {
      cut: () => {
        for (const pair of muted) pair.close()
      },
    }
  }

  get listeners(): number {
    return this.#listeners().length
  }

  #listeners(): Pair[] {
    return [...this.#pairs].filter(({ listens }) => listens)
  }

  slow(forth: () => number, back: () => number): void {
    this.delay.forth = forth
    this.delay.back = back
  }

  heal(): void {
    this.slow(
      () => 0,
      () => 0,
    )
    this.release()
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.cut()
    await closed
  }

  #join(near: Socket): void {
    const far = connect(this.target, '127.0.0.1')
    const forth = new Lane(this, 'forth', far)
    const back = new Lane(this, 'back', near)
    const pair: Pair = {
      lanes: [forth, back],
      listens: false,
      close: () => {
        this.#pairs.delete(pair)
        forth.drop()
        back.drop()
        near.destroy()
        far.destroy()
      },
    }
    this.#pairs.add(pair)
    near.setNoDelay(true)
    far.setNoDelay(true)
    near.on('data', (chunk) => {
      pair.listens ||= SUBSCRIBES.test(chunk.toString('latin1'))
      forth.push(chunk)
    })
    far.on('data', (chunk) => back.push(chunk))
    for (const socket of [near, far]) socket.on('error', pair.close).on('close', pair.close)
  }
}
