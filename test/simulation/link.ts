import { StoreError } from '../../src/core/errors.ts'
import type { Store } from '../../src/ports/store.ts'
import type { Random } from '../consistency/driver/random.ts'
import { connectWatcher, type Listener, news } from './port.ts'
import { START, type VirtualTime } from './time.ts'

/** The part of time that a link needs. */
export type LinkTime = Pick<VirtualTime, 'now' | 'after' | 'sleep'>

/** How long messages take and what becomes of them. All of it may change while a history runs. */
export interface Weather {
  /** Milliseconds that a message takes, either way. */
  delay(random: Random): number
  /** Milliseconds that the word of a change takes to the other backends. */
  newsDelay(random: Random): number
  /** How often an answer does not come, in parts of 1: the command was carried out all the same. */
  loss: number
}

export const CALM: Weather = { delay: () => 0, newsDelay: () => 0, loss: 0 }

/** `refused`: commands fail at once. `silent`: they wait until the store is back, and are carried out then unless their time is over. */
export type Absence = 'refused' | 'silent'

/** A store in another process: the data of all backends, and one link for each of them. */
export class RemoteStore<Sky extends Weather = Weather> {
  readonly inner: Store
  readonly time: LinkTime
  readonly links = new Set<Link>()
  readonly weather: Sky
  #setBack = 0
  absent: Absence | undefined
  /** What waits for the store to come back. */
  waiting: (() => void)[] = []

  /** `open` makes the store that holds the data, on the clock that it is given: milliseconds since 1970. */
  constructor(open: (now: () => number) => Store, time: LinkTime, weather: Sky) {
    this.time = time
    this.weather = weather
    this.inner = open(() => this.now())
  }

  /** The clock that all backends share. */
  now(): number {
    return START + this.time.now - this.#setBack
  }

  /** Somebody sets the store's clock back. */
  setBack(milliseconds: number): void {
    this.#setBack += milliseconds
  }

  connect(random: Random): Link {
    const link = new Link(this, random)
    this.links.add(link)
    return link
  }

  leave(how: Absence): void {
    this.absent = how
  }

  comeBack(): void {
    this.absent = undefined
    const { waiting } = this
    this.waiting = []
    for (const go of waiting) go()
  }

  /** Tells all but one. */
  tell(speaker: Link, about: (listener: Listener) => void): void {
    for (const link of this.links) if (link !== speaker) link.hear(about)
  }
}

/** The store as one backend reaches it, over two connections: one for commands, one for the word of changes. */
export class Link {
  readonly store: Store
  readonly #remote: RemoteStore
  readonly #random: Random
  #listener: Listener | undefined
  #dead = false
  #measured = false
  /** The word of changes: told, lost because the connection is down (and the backend knows it), or lost without anybody's knowledge. */
  #news: 'told' | 'down' | 'lost' = 'told'
  newsSlow = 0

  constructor(remote: RemoteStore, random: Random) {
    this.#remote = remote
    this.#random = random
    this.store = this.#make(remote.inner)
    this.#clock()
  }

  /** The process is gone: nothing that it asks is sent any more, and no answer reaches it. */
  kill(): void {
    this.#dead = true
    this.#listener = undefined
    this.#remote.links.delete(this)
  }

  newsDown(): void {
    this.#news = 'down'
    this.#listener?.down()
  }

  /** The connection has died, and nobody has noticed. */
  newsSilent(): void {
    if (this.#news === 'told') this.#news = 'lost'
  }

  newsUp(): void {
    if (this.#news === 'lost') this.#listener?.down()
    this.#news = 'told'
    this.#listener?.up()
  }

  hear(about: (listener: Listener) => void): void {
    const deliver = () => {
      if (this.#listener && this.#news === 'told') about(this.#listener)
    }
    const delay =
      this.#remote.weather.newsDelay(this.#random) + (this.newsSlow && this.#random.between(0, this.newsSlow))
    if (this.#news !== 'told') return
    if (delay < 1) deliver()
    else this.#remote.time.after(delay, deliver)
  }

  /** Whatever the store can do, asked from afar. */
  #make(inner: Store): Store {
    const operations: Record<string, unknown> = {}
    for (const [name, member] of Object.entries(inner)) {
      if (typeof member !== 'function' || name === 'watch') continue
      operations[name] = (...args: unknown[]) => this.#call(name, member as Operation, args)
    }
    return {
      ...operations,
      local: false,
      close: async () => undefined,
      now: () => this.#clock(),
      watch: connectWatcher((listener) => {
        this.#listener = listener
        if (this.#news !== 'down') listener.up()
        return () => {
          this.#listener = undefined
        }
      }),
    } as unknown as Store
  }

  /** The store's clock is measured when the connection is made, before anything else is asked; not while the store is away. */
  #clock(): number | undefined {
    this.#measured ||= this.#remote.absent === undefined
    return this.#measured ? this.#remote.now() : undefined
  }

  /** One function on purpose: each `await` on the way is paid for in each of millions of calls. */
  async #call(name: string, operation: Operation, args: unknown[]): Promise<unknown> {
    const remote = this.#remote
    const { time, weather } = remote
    const start = time.now
    if (this.#dead) await never()
    if (remote.absent === 'refused') throw failed(false)
    const there = this.#delay()
    if (there >= 1) await time.sleep(there)
    if (this.#dead) await never()
    if (remote.absent !== undefined) await this.#silence()
    const result = await operation.apply(remote.inner, arrived(args, time.now - start))
    for (const about of news(name, args, result)) remote.tell(this, about)
    if (weather.loss > 0 && this.#random.chance(weather.loss)) await this.#broken()
    const back = this.#delay()
    if (back >= 1) await time.sleep(back)
    if (this.#dead) await never()
    return result
  }

  #delay(): number {
    return Math.round(this.#remote.weather.delay(this.#random))
  }

  /** Sent into a silence: some of it arrives when that is over, some never. */
  async #silence(): Promise<void> {
    if (this.#random.chance(0.3)) await never()
    await new Promise<void>((resolve) => this.#remote.waiting.push(resolve))
  }

  async #broken(): Promise<void> {
    if (this.#random.chance(0.5)) await never()
    throw failed('unknown')
  }
}

/** What a driver owes its caller: times count from when the command was given, not from when it arrived. */
function arrived(args: unknown[], spent: number): unknown[] {
  if (spent === 0) return args
  return args.map((arg) => {
    if (typeof arg !== 'object' || arg === null) return arg
    const { within, age } = arg as { within?: number; age?: number }
    return {
      ...arg,
      ...(within !== undefined && { within: within - spent }),
      ...(age !== undefined && { age: age + spent }),
    }
  })
}

type Operation = (this: Store, ...args: unknown[]) => Promise<unknown>

function failed(applied: false | 'unknown'): StoreError {
  return new StoreError('the store is away', { applied, outage: true })
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}
