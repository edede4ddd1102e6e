import type { Patience } from '../deadline/patience.ts'
import type { ReadHow, ReadResult } from '../ports/store.ts'
import type { RedisDriver } from './client/connection.ts'
import { refusesWrites } from './errors.ts'
import type { Arguments, Fence } from './fence.ts'
import { Link } from './link.ts'
import * as reply from './replies.ts'
import { READ } from './scripts/read.ts'
import { script } from './scripts.ts'
import type { RedisServers } from './servers.ts'

const READ_SCRIPT = script(READ)

/** The share of its time after which a read that has no answer is sent a second time, elsewhere. */
const PATIENT = 0.25

/** Milliseconds after which the spare connection is closed when nothing was read on it. */
const UNUSED = 10_000

export interface ReaderParts {
  readonly link: Link
  readonly driver: RedisDriver
  readonly fence: Fence
  readonly servers: RedisServers
  /** 1: scripts tell of changes; 0: the server does. */
  readonly tells: 0 | 1
  /** What was read of this key was read where it is not tracked. */
  readonly untracked: (key: string) => void
}

/**
 * Reads sessions: with a plain GET where that does, so that a server that takes no writes is no obstacle. On one
 * connection, a write that is held back (CLIENT PAUSE WRITE, WAIT) holds back every read behind it: after a while
 * another connection is asked too.
 */
export class Reader {
  readonly #parts: ReaderParts
  readonly #spare: Link
  #unused: NodeJS.Timeout | undefined

  constructor(parts: ReaderParts) {
    this.#parts = parts
    this.#spare = new Link(parts.driver)
  }

  async read(key: string, how: ReadHow, patience: Patience): Promise<ReadResult> {
    const { link } = this.#parts
    for (;;) {
      const { losses } = link
      try {
        const answer = this.#onTracked(key, how, patience)
        return await (this.#parts.driver.isCluster ? answer : this.#orSpare(answer, key, how, patience))
      } catch (error) {
        // The connection broke. Reading again does no harm, and the next one may be there in time.
        if (link.losses === losses || patience.left === 0) throw error
        await link.ready(patience)
      }
    }
  }

  close(): void {
    clearTimeout(this.#unused)
    this.#spare.close()
  }

  async #onTracked(key: string, { seen, touch, ttl }: ReadHow, patience: Patience): Promise<ReadResult> {
    const { link, fence, tells } = this.#parts
    if (touch === undefined) {
      const plain = reply.plainRead(await link.send(key, ['GET', key]), seen)
      if (plain) return plain
    }
    try {
      const args: Arguments = ({ runId }) => [tells, seen, touch ?? 0, ttl, runId]
      return reply.read(await fence.run('read', READ_SCRIPT, [key], args, patience))
    } catch (error) {
      // The script could have written. What is there can be read all the same.
      const result = refusesWrites(error) ? this.#asItIs(await link.send(key, ['GET', key]), seen, touch) : undefined
      if (!result) throw error
      return result
    }
  }

  /** Without renewing its lifetime; undefined: only a script can tell what it means. */
  #asItIs(answer: unknown, seen: number, touch: number | undefined): ReadResult | undefined {
    const result = reply.readOnly(answer, seen, this.#parts.servers.now())
    return result?.kind === 'found' && touch !== undefined ? { ...result, touched: false } : result
  }

  #orSpare(answer: Promise<ReadResult>, key: string, how: ReadHow, patience: Patience): Promise<ReadResult> {
    return new Promise((resolve, reject) => {
      let isSettled = false
      const askSpare = () => {
        if (isSettled) return
        this.#onSpare(key, how, patience).then(
          (result) => {
            if (!isSettled) this.#parts.untracked(key)
            resolve(result)
          },
          () => undefined,
        )
      }
      // What has arrived by then is read first.
      const timer = setTimeout(() => setImmediate(askSpare), patience.left * PATIENT)
      const settled = () => {
        isSettled = true
        clearTimeout(timer)
      }
      answer.finally(settled).then(resolve, reject)
    })
  }

  async #onSpare(key: string, { seen, touch }: ReadHow, patience: Patience): Promise<ReadResult> {
    clearTimeout(this.#unused)
    this.#unused = setTimeout(() => this.#spare.close(), UNUSED).unref()
    await this.#spare.ready(patience)
    const result = this.#asItIs(await this.#spare.send(key, ['GET', key]), seen, touch)
    if (!result) throw new Error('only a script can tell')
    return result
  }
}
