import { Shutter } from './shutter.ts'
import type { NodeResponse } from './write-head.ts'

/** The part of both response classes that is used here. */
interface Response {
  statusCode: number
  statusMessage: string
  writeHead(status: number, ...rest: unknown[]): unknown
  write(...args: unknown[]): boolean
  end(...args: unknown[]): unknown
  flushHeaders(): unknown
  getHeaderNames(): string[]
  removeHeader(name: string): void
  emit(event: string, ...args: unknown[]): boolean
  on(event: string, listener: (source: Source) => void): unknown
}

interface Source {
  unpipe?(to: unknown): void
}

export interface Holding {
  /**
   * What is to be done before the head leaves, and again before the end where the head left earlier. Undefined: nothing.
   */
  readonly settle: () => Promise<unknown> | undefined
  /** It could not be done: the response that was held is gone, and another has to be written. Called once. */
  readonly fail: (error: unknown) => void
}

/**
 * Holds back head and body of a response until `settle` is done, whoever writes them and how. After `flushHeaders()` or
 * a first `write()` the head has left, and only the end is held once more.
 */
export function holdResponse(response: NodeResponse, holding: Holding): void {
  // Made up, for whoever wants a session without answering (sockets).
  if (typeof response?.writeHead !== 'function' || typeof response.end !== 'function') return
  new Hold(response as unknown as Response, holding)
}

/** Fields that describe the response which was not sent. Those of CORS and the like stay. */
const OF_CONTENT =
  /^(content-(?!security-policy).*|etag|last-modified|location|cache-control|expires|accept-ranges|trailer|refresh|link)$/

/**
 * `open`: nothing has left. `held`: something is to leave, and waits. `gone`: the head has left. `ending`: the end
 * waits, too. `over`: nothing is held any more.
 */
type State = 'open' | 'held' | 'gone' | 'ending' | 'over'

/** A value whose JSON is another one each time must not hold the response for ever. */
const MOST_ROUNDS = 2

class Hold {
  readonly #response: Response
  readonly #holding: Holding
  readonly #real: Pick<Response, 'writeHead' | 'write' | 'end' | 'flushHeaders'>
  readonly #shutter: Shutter
  readonly #sources: Source[] = []
  #state: State = 'open'
  /** What `writeHead` was called with, as long as that is not passed on. */
  #head: [status: number, ...rest: unknown[]] | undefined
  #queue: (() => unknown)[] = []

  constructor(response: Response, holding: Holding) {
    this.#response = response
    this.#holding = holding
    const { writeHead, write, end, flushHeaders } = response
    this.#real = { writeHead, write, end, flushHeaders }
    this.#shutter = new Shutter(response)
    response.writeHead = (status, ...rest) => this.#writeHead(status, rest)
    response.write = (...args) => this.#leave('write', () => this.#real.write.apply(response, args), false) as boolean
    response.end = (...args) => this.#leave('end', () => this.#real.end.apply(response, args), response)
    if (typeof flushHeaders === 'function') {
      response.flushHeaders = () => this.#leave('flush', () => flushHeaders.call(response), undefined)
    }
    response.on?.('pipe', (source) => void this.#sources.push(source))
  }

  #writeHead(status: number, rest: unknown[]): unknown {
    const response = this.#response
    const isOpen = this.#state === 'open' || this.#state === 'held'
    // 1xx are not final, and what is no status throws in Node.
    if (!isOpen || !(status >= 200 && status < 1000)) return this.#real.writeHead.call(response, status, ...rest)
    if (this.#state === 'held' || this.#head) {
      // Whoever looks for a head that is written sees none yet, and asks again for the one that it has asked for.
      if (rest.length === 0 && status === response.statusCode) return response
      throw Shutter.refusal('write')
    }
    this.#head = [status, ...rest]
    response.statusCode = status
    if (typeof rest[0] === 'string') response.statusMessage = rest[0]
    this.#shutter.close()
    return response
  }

  /** Something of the response is to leave. `meanwhile`: what its caller gets while that waits. */
  #leave(what: 'write' | 'end' | 'flush', now: () => unknown, meanwhile: unknown): unknown {
    if (this.#state === 'over' || (this.#state === 'gone' && what !== 'end')) return now()
    if (this.#state === 'held' || this.#state === 'ending') {
      this.#queue.push(now)
      return meanwhile
    }
    let waiting: Promise<unknown> | undefined
    try {
      waiting = this.#holding.settle()
    } catch (error) {
      this.#state = this.#state === 'open' ? 'held' : 'ending'
      this.#shutter.close()
      // Not before the caller is done: its error handler must not run in the middle of a handler.
      setImmediate(() => this.#fail(error))
      return meanwhile
    }
    const next = what === 'end' ? 'over' : 'gone'
    if (!waiting) {
      this.#state = next
      this.#shutter.open()
      this.#passHead()
      return now()
    }
    this.#queue.push(now)
    this.#state = this.#state === 'open' ? 'held' : 'ending'
    this.#shutter.close()
    this.#await(waiting)
    return meanwhile
  }

  /** What the handler has changed meanwhile is saved, too, before anything leaves. */
  #await(waiting: Promise<unknown>): void {
    const settled = async () => {
      await waiting
      for (let round = 0; round < MOST_ROUNDS; round++) await this.#holding.settle()
    }
    settled().then(
      () => this.#release(),
      (error) => this.#fail(error),
    )
  }

  #passHead(): void {
    const head = this.#head
    this.#head = undefined
    if (head) this.#real.writeHead.call(this.#response, ...head)
  }

  /** What was held goes out, in its order. An end among it has nothing left to wait for. */
  #release(): void {
    const wasHeld = this.#state === 'held'
    this.#state = 'over'
    this.#shutter.open()
    let last: unknown
    try {
      this.#passHead()
      const queue = this.#queue
      this.#queue = []
      for (const pass of queue) last = pass()
    } catch (error) {
      // A header that HTTP cannot carry: the caller that would have got this error is gone.
      this.#fail(error)
      return
    }
    const hasEnded = last === this.#response
    if (wasHeld && !hasEnded) this.#state = 'gone'
    // Whoever wrote was told to wait.
    if (last === true) this.#response.emit('drain')
  }

  /** The response that was held is forgotten; whatever is written from now on goes out at once. */
  #fail(error: unknown): void {
    const response = this.#response
    const isHeadThere = this.#state === 'ending'
    this.#state = 'over'
    this.#head = undefined
    this.#queue = []
    this.#shutter.open()
    for (const source of this.#sources) source.unpipe?.(response)
    if (!isHeadThere) {
      response.statusCode = 200
      response.statusMessage = ''
      for (const name of response.getHeaderNames()) if (OF_CONTENT.test(name)) response.removeHeader(name)
    }
    this.#holding.fail(error)
  }
}
