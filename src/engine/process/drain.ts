import type { Clock } from '../../ports/clock.ts'
import type { OpenRequests } from './open-requests.ts'
import { HEARD_WITHIN, type Presence } from './presence.ts'

/**
 * Gives up what this backend owns, and resolves when nothing is open any more and no peer sends anything, or after so
 * many milliseconds; what is still open then is broken off.
 */
export async function drain(presence: Presence, open: OpenRequests, ms: number, steady: Clock): Promise<void> {
  const end = steady() + ms
  /** Waits for it, but until so long before the end at most. */
  const until = async (done: Promise<unknown>, before = 0) => {
    const impatience = after(Math.max(0, end - before - steady()))
    await Promise.race([done, impatience.over])
    impatience.cancel()
  }
  const empty = open.drain()
  await until(presence.enter('draining'))
  await until(empty, HEARD_WITHIN)
  await until(presence.enter('leaving'))
  const heard = after(HEARD_WITHIN)
  await until(heard.over)
  heard.cancel()
  await until(open.drain())
  open.breakOff()
}

function after(ms: number): { readonly over: Promise<void>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  return { over, cancel: () => clearTimeout(timer) }
}
