import { isLimpetError, StoreError } from '../core/errors.ts'
import { Patience } from '../deadline/patience.ts'
import type { Connection, RedisDriver } from './client/connection.ts'
import { describe, isReply } from './errors.ts'

/** Milliseconds until a broken connection is opened again: at first, and at most. */
const AGAIN = { first: 50, most: 1000 }

/** Milliseconds between two connections that were given up because the server only reads. */
const RENEWED = 10_000

/** Milliseconds that a server may take from the first packet until commands can be sent. */
const OPENING = 5000

/**
 * Milliseconds between two looks whether the connection still stands, and for the answer: a peer that vanishes without
 * a word is not noticed otherwise.
 */
export const PULSE = 2500

export interface LinkObserver {
  ready(): void
  lost(): void
  invalidated(keys: readonly string[] | null): void
}

/**
 * The connection for commands: opened when it is needed, and again when it has broken. Says what is under way on it,
 * and how often it has broken.
 */
export class Link {
  readonly #driver: RedisDriver
  readonly #observers = new Set<LinkObserver>()
  readonly #waiting = new Set<() => void>()
  readonly #underWay = new Set<(error: Error) => void>()
  #connection: Connection | undefined
  /** What a connection that was given up still says means nothing. */
  #epoch = 0
  #isReady = false
  #losses = 0
  #failures = 0
  #trouble: string | undefined
  /** There is no client to connect with, and there will be none. */
  #isHopeless = false
  #timer: NodeJS.Timeout | undefined
  /** The connection that was being opened is ready, or has ended. */
  #settled: (() => void) | undefined
  #renewedAt = Number.NEGATIVE_INFINITY
  #used = false
  #held = 0
  /** Asks the server something small, to see whether it answers. */
  probe: () => Promise<unknown> = () => this.send('', ['TIME'])
  /** Another server may answer from now on. */
  onLoss: () => void = () => undefined

  constructor(driver: RedisDriver) {
    this.#driver = driver
  }

  /**
   * When it has risen while a command was under way, nobody knows whether it ran, nor, if the client sends again, how
   * often.
   */
  get losses(): number {
    return this.#losses
  }

  /** Does the client send again by itself what was under way when a connection broke? */
  get resends(): boolean {
    return this.#driver.isCluster
  }

  /** The connection of now, while commands can be sent. */
  get connection(): Connection | undefined {
    return this.#isReady ? this.#connection : undefined
  }

  /** Keeps the connection open, and is told of it. Returns the function that stops that. */
  observe(observer: LinkObserver): () => void {
    this.#observers.add(observer)
    this.#wake()
    return () => void this.#observers.delete(observer)
  }

  send(key: string, command: readonly string[]): Promise<unknown> {
    const { connection } = this
    if (!connection) return Promise.reject(this.#away())
    this.#used = true
    return new Promise((resolve, reject) => {
      this.#underWay.add(reject)
      const settled = () => void this.#underWay.delete(reject)
      const failed = (error: unknown) => {
        settled()
        // Any error that is none of the server's is one of the connection, and a client may say so before it tells that
        // it broke.
        if (!isReply(error) && !this.#driver.isCluster && this.#connection === connection) this.#giveUp(describe(error))
        reject(error)
      }
      connection.send(key, command).then((answer) => {
        settled()
        resolve(answer)
      }, failed)
    })
  }

  /** The server is not expected to answer before this promise is settled. */
  async hold<T>(answer: Promise<T>): Promise<T> {
    this.#held++
    try {
      return await answer
    } finally {
      this.#held--
    }
  }

  /**
   * Waits for the connection. What is not sent now is not sent at all: a command in a client's queue would run when
   * nobody knows of it any more.
   */
  ready(patience: Patience): Promise<void> | undefined {
    // Where there is no hope, sending says why.
    if (this.#isReady || this.#isHopeless) return undefined
    let go: (() => void) | undefined
    const ready = new Promise<void>((resolve) => {
      go = resolve
      this.#waiting.add(resolve)
    })
    this.#wake()
    return patience.wait(ready, () => this.#away()).finally(() => go && this.#waiting.delete(go))
  }

  /** The server only reads. Behind the same name there may be another by now that does more. */
  renew(): void {
    if (performance.now() - this.#renewedAt < RENEWED || this.#driver.isCluster) return
    this.#renewedAt = performance.now()
    this.#giveUp('READONLY')
  }

  /** Ends the connection. It is opened again when somebody needs it. */
  close(): void {
    this.#giveUp('it was closed')
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #away(): StoreError {
    const why = this.#trouble === undefined ? '' : ` (${this.#trouble})`
    return new StoreError(`there is no connection to Redis${why}: nothing was done`, { applied: false, outage: true })
  }

  #wake(): void {
    if (!this.#connection && !this.#timer && !this.#isHopeless) this.#open()
  }

  #open(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const epoch = ++this.#epoch
    const current =
      <A extends unknown[]>(hear: (...args: A) => void) =>
      (...args: A) => {
        if (epoch === this.#epoch) hear(...args)
      }
    this.#connection = this.#driver.open({
      ready: current(() => this.#becomeReady(epoch)),
      lost: current(() => this.#lose()),
      ended: current((why) => {
        this.#isHopeless = isLimpetError(why)
        this.#ended(describe(why))
      }),
      invalidated: current((keys) => {
        for (const observer of this.#observers) observer.invalidated(keys)
      }),
    })
    void this.#expect(epoch)
  }

  async #expect(epoch: number): Promise<void> {
    const patience = new Patience(OPENING).unref()
    const settled = new Promise<void>((resolve) => {
      this.#settled = resolve
    })
    await patience.wait(settled, () => new Error()).catch(() => undefined)
    patience.end()
    if (epoch === this.#epoch && !this.#isReady) this.#giveUp('no answer')
  }

  #becomeReady(epoch: number): void {
    this.#isReady = true
    this.#failures = 0
    this.#trouble = undefined
    this.#settled?.()
    this.#release()
    for (const observer of this.#observers) observer.ready()
    this.#beatLater(epoch)
  }

  #release(): void {
    for (const go of this.#waiting) go()
    this.#waiting.clear()
  }

  #beatLater(epoch: number): void {
    if (epoch !== this.#epoch) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#beat(epoch), PULSE).unref()
  }

  async #beat(epoch: number): Promise<void> {
    const isUsed = this.#used || this.#observers.size > 0
    this.#used = false
    if (isUsed) {
      const patience = new Patience(PULSE).unref()
      await patience.wait(this.probe(), () => new Error()).catch(() => undefined)
      const silent = patience.left === 0 && this.#held === 0
      patience.end()
      this.#used = false
      if (silent && epoch === this.#epoch) this.#giveUp('no answer')
    }
    this.#beatLater(epoch)
  }

  #giveUp(why: string): void {
    const connection = this.#connection
    this.#epoch++
    connection?.end()
    if (connection) this.#ended(why)
  }

  #lose(): void {
    this.#losses++
    this.onLoss()
    for (const observer of this.#observers) observer.lost()
  }

  #ended(why: string): void {
    const was = this.#isReady
    this.#epoch++
    this.#connection = undefined
    this.#isReady = false
    this.#trouble = why
    this.#settled?.()
    const broken = new StoreError(`the connection to Redis broke (${why})`, { applied: 'unknown', outage: true })
    for (const reject of this.#underWay) reject(broken)
    this.#underWay.clear()
    if (was) this.#lose()
    clearTimeout(this.#timer)
    if (this.#isHopeless) {
      this.#release()
      return
    }
    const delay = Math.min(AGAIN.first * 2 ** this.#failures++, AGAIN.most)
    this.#timer = setTimeout(() => this.#openIfNeeded(), delay).unref()
  }

  #openIfNeeded(): void {
    this.#timer = undefined
    if (this.#observers.size > 0 || this.#waiting.size > 0) this.#open()
  }
}
