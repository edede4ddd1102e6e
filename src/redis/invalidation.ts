import { Patience } from '../deadline/patience.ts'
import type { Channel, Watcher } from '../ports/invalidation.ts'
import type { Listener, RedisDriver } from './client/connection.ts'
import { isRefusal, wordOf } from './errors.ts'
import { type Link, PULSE } from './link.ts'

export interface Telling {
  /** What scripts publish. */
  readonly channel: string
  /** How the scripts of this store begin what they publish; all are of this length. */
  readonly writer: string
  readonly idOf: (key: string) => string | undefined
  /** Something that must be known before anything is trusted. */
  readonly prepare: () => Promise<void>
}

/** Milliseconds until the second connection is tried again: at first, and at most. */
const AGAIN = { first: 100, most: 10_000 }

/** After so many attempts in a row somebody is told. */
const MANY = 6

/**
 * Tells what other backends change, in two ways. Redis remembers who has read a key, and tells those of the next
 * change, expiry or eviction (CLIENT TRACKING on the connection for commands; NOLOOP: not what it did itself). The ends
 * of sessions go to everybody, through what scripts publish. Where one server does not know all keys, in a cluster,
 * scripts publish every change instead.
 *
 * It is trusted only while all of it stands: the connection for commands, tracking on it, and the second connection, on
 * which messages come.
 */
export class Invalidations {
  readonly #link: Link
  readonly #driver: RedisDriver
  readonly #telling: Telling
  readonly #watchers = new Map<Watcher, Channel>()
  #listener: Listener | undefined
  /** What an earlier attempt still says means nothing. */
  #epoch = 0
  #timer: NodeJS.Timeout | undefined
  #failures = 0
  #isTrusted = false
  #stopObserving: (() => void) | undefined

  constructor(link: Link, driver: RedisDriver, telling: Telling) {
    this.#link = link
    this.#driver = driver
    this.#telling = telling
  }

  get watchers(): number {
    return this.#watchers.size
  }

  /** What was read of this session was read where it is not tracked: it is not to be kept. */
  untracked(id: string): void {
    for (const channel of this.#watchers.values()) channel.changed(id)
  }

  /** Returns the function that stops it. */
  add(watcher: Watcher): () => void {
    this.#watchers.set(watcher, watcher.channel())
    // With a second one, what this store does itself has to be told as well.
    if (this.#stopObserving) this.#begin()
    else this.#observe()
    return () => this.#remove(watcher)
  }

  #remove(watcher: Watcher): void {
    const channel = this.#watchers.get(watcher)
    if (!this.#watchers.delete(watcher)) return
    if (this.#isTrusted) channel?.down()
    if (this.#watchers.size > 0) {
      this.#begin()
      return
    }
    this.#stop()
    this.#stopObserving?.()
    this.#stopObserving = undefined
  }

  #observe(): void {
    this.#stopObserving = this.#link.observe({
      ready: () => this.#begin(),
      lost: () => {
        // Of a cluster only a node is gone. What it was to tell may be lost.
        if (this.#link.connection) this.#later()
        else this.#stop()
      },
      invalidated: (keys) => this.#invalidated(keys),
    })
    this.#begin()
  }

  /** From the beginning: the second connection has to follow the first, which may be one to another server. */
  #begin(): void {
    this.#stop()
    const { connection } = this.#link
    if (!connection) return
    const epoch = this.#epoch
    const current =
      <A extends unknown[]>(hear: (...args: A) => void) =>
      (...args: A) => {
        if (epoch === this.#epoch) hear(...args)
      }
    this.#listener = this.#driver.listen(connection, this.#telling.channel, {
      ready: current((redirect) => void this.#setUp(epoch, redirect)),
      ended: current(() => this.#later()),
      refused: current((error) => this.#failed(error)),
      message: current((text) => this.#published(text)),
      invalidated: current((keys) => this.#invalidated(keys)),
    })
    void this.#guardOpening(epoch)
  }

  async #setUp(epoch: number, redirect: string | undefined): Promise<void> {
    try {
      if (!this.#driver.isCluster) await this.#track(redirect)
      await this.#telling.prepare()
    } catch (error) {
      if (epoch === this.#epoch) this.#failed(error)
      return
    }
    if (epoch !== this.#epoch) return
    this.#failures = 0
    this.#trust(true)
    this.#pulseLater(epoch)
  }

  async #track(redirect: string | undefined): Promise<void> {
    const to = redirect === undefined ? [] : ['REDIRECT', redirect]
    const own = this.#watchers.size > 1 ? [] : ['NOLOOP']
    await this.#link.send('', ['CLIENT', 'TRACKING', 'ON', ...to, ...own])
  }

  /** Redis does not answer, or answers with an error. */
  #failed(error: unknown): void {
    if (!isRefusal(error)) {
      this.#later()
      return
    }
    this.#stop()
    const why = wordOf(error)
    this.#warn(
      'no-invalidation',
      `Redis does not let this user hear of changes (${why}), so every read asks Redis: allow what docs/redis.md lists`,
    )
  }

  #later(): void {
    this.#stop()
    const delay = Math.min(AGAIN.first * 2 ** this.#failures++, AGAIN.most)
    if (this.#failures === MANY) {
      const message =
        `the connection on which Redis tells of changes could not be set up ${MANY} times in a row, so every read asks Redis; ` +
        `it is tried again every ${AGAIN.most / 1000} seconds. docs/redis.md lists what it needs`
      this.#warn('invalidation-retries', message)
    }
    this.#timer = setTimeout(() => this.#begin(), delay).unref()
  }

  #stop(): void {
    this.#epoch++
    clearTimeout(this.#timer)
    this.#trust(false)
    const listener = this.#listener
    this.#listener = undefined
    listener?.end()
  }

  #trust(now: boolean): void {
    if (now === this.#isTrusted) return
    this.#isTrusted = now
    for (const channel of this.#watchers.values()) {
      if (now) channel.up()
      else channel.down()
    }
  }

  #warn(code: 'no-invalidation' | 'invalidation-retries', message: string): void {
    for (const watcher of this.#watchers.keys()) watcher.warn(code, message)
  }

  /** Scripts publish one letter for what happened, who did it, and the key. */
  #published(text: string): void {
    if (!this.#isTrusted) return
    const { writer, idOf } = this.#telling
    if (text.startsWith(writer, 1) && this.#watchers.size === 1) return
    const id = idOf(text.slice(text.indexOf(' ') + 1))
    if (id === undefined) return
    const what = text.charAt(0)
    for (const channel of this.#watchers.values()) {
      if (what === '-') channel.ended(id, 'destroyed')
      else if (what === '>') channel.ended(id, 'moved')
      else channel.changed(id)
    }
  }

  #invalidated(keys: readonly string[] | null): void {
    if (!this.#isTrusted) return
    for (const channel of this.#watchers.values()) {
      if (keys === null) {
        // All of them. What is being read at this moment must not be kept either.
        channel.down()
        channel.up()
      }
      for (const key of keys ?? []) {
        const id = this.#telling.idOf(key)
        if (id !== undefined) channel.changed(id)
      }
    }
  }

  /** A connection that is never ready does not end by itself. */
  async #guardOpening(epoch: number): Promise<void> {
    const patience = new Patience(2 * PULSE).unref()
    await patience.wait(new Promise<never>(() => undefined), () => new Error()).catch(() => undefined)
    patience.end()
    if (epoch === this.#epoch && !this.#isTrusted) this.#later()
  }

  #pulseLater(epoch: number): void {
    this.#timer = setTimeout(() => void this.#pulse(epoch), PULSE).unref()
  }

  /** Looks whether the second connection still stands; `Link` looks after the first. */
  async #pulse(epoch: number): Promise<void> {
    const { connection } = this.#link
    const patience = new Patience(PULSE).unref()
    const pong = this.#listener?.ping() ?? Promise.resolve()
    await patience.wait(pong, () => new Error()).catch(() => undefined)
    const isSilent = patience.left === 0
    patience.end()
    if (epoch !== this.#epoch) return
    if (isSilent && connection === this.#link.connection) this.#later()
    else this.#pulseLater(epoch)
  }
}
