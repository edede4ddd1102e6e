import { StoreError } from '../core/errors.ts'
import { Patience } from '../deadline/patience.ts'
import type { Announced, Registry } from '../ports/backends.ts'
import type { RedisDriver } from './client/connection.ts'
import { storeError } from './errors.ts'
import { Link } from './link.ts'
import { ADOPT } from './scripts/adopt.ts'
import { ANNOUNCE } from './scripts/announce.ts'
import { run, type Script, script } from './scripts.ts'

const SCRIPTS = { announce: script(ANNOUNCE), adopt: script(ADOPT) }

/** Milliseconds that a call waits for the connection and its answer, all in all. */
const WITHIN = 1000

/**
 * Backends in one hash; an adoption beside its session's key, in the same slot of a cluster. On a connection of its
 * own: Redis tells the one for session data of each change of what was read there, and here that would be every
 * heartbeat of every backend.
 */
export function redisBackends(driver: RedisDriver, prefix: string, keyOf: (id: string) => string): Registry {
  const all = `${prefix}{backends}`
  const link = new Link(driver)
  const call = async (operation: string, of: Script, key: string, args: readonly (string | number)[]) => {
    const patience = new Patience(WITHIN).unref()
    try {
      await link.ready(patience)
      return await patience.wait(run(link, of, [key], args), late)
    } catch (error) {
      throw storeError(error, operation)
    } finally {
      patience.end()
    }
  }
  return {
    async announce(boot, record, { forget }) {
      return announced(await call('announce', SCRIPTS.announce, all, [boot, record, forget]))
    },
    async withdraw(boot) {
      await call('withdraw', SCRIPTS.announce, all, [boot, '', FORGET_NOBODY])
    },
    async adopt(session, { by, instead, ttl }) {
      // The end of its name keeps it apart from sessions.
      return String(await call('adopt', SCRIPTS.adopt, `${keyOf(session)}o~`, [by, instead, ttl]))
    },
    async close() {
      link.close()
    },
  }
}

/** Milliseconds: whoever leaves does not judge others. */
const FORGET_NOBODY = 3_600_000

function late(): StoreError {
  return new StoreError('Redis did not answer in time', { applied: 'unknown', outage: true })
}

function announced(answer: unknown): Announced[] {
  const list: Announced[] = []
  const parts = answer as readonly unknown[]
  for (let i = 0; i + 2 < parts.length; i += 3) {
    list.push({ boot: String(parts[i]), age: Number(parts[i + 1]), record: String(parts[i + 2]) })
  }
  return list
}
