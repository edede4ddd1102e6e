import { execFileSync } from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RedisServer, startRedis } from './redis-server.ts'

export interface ShiftedRedis {
  readonly redis: RedisServer
  /** Sets the wall clock of the server so many seconds off, at once. Its steady clock goes on. */
  shift(seconds: number): void
}

/** A real redis-server that lives under libfaketime, so that a test can set its clock. */
export async function startShiftedRedis(): Promise<ShiftedRedis> {
  // The command `faketime` knows where its library is.
  const library = execFileSync('faketime', ['-f', '+0s', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim()
  const redis = await startRedis([], 'redis-server', (dir) => {
    setClock(dir, 0)
    return {
      // malloc of the C library: jemalloc looks at the clock, and libfaketime would allocate again.
      LD_PRELOAD: `${library}:libc.so.6`,
      FAKETIME_TIMESTAMP_FILE: join(dir, 'clock'),
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    }
  })
  return { redis, shift: (seconds) => setClock(redis.dir, seconds) }
}

/** In one step: the server reads the file each time it looks at the clock. */
function setClock(dir: string, seconds: number): void {
  const next = join(dir, 'clock-next')
  writeFileSync(next, `${seconds < 0 ? '' : '+'}${seconds}\n`)
  renameSync(next, join(dir, 'clock'))
}
