import { LimpetError } from '../../core/errors.ts'
import { decodeValue } from '../../core/json.ts'
import { printed } from '../../core/printed.ts'
import { isThenable } from '../../core/thenable.ts'
import type { Entries } from '../../ports/store.ts'
import { NO_ENTRIES } from '../process/session-cache.ts'
import type { Services } from '../services.ts'
import type { Edit, Obstacle } from './writer.ts'

/** How often the function is called before `update` gives up with ERR_LIMPET_CONFLICT. */
const ATTEMPTS = 20
/** After so many conflicts the store is asked to let this update through before others. */
const CLAIM_AFTER = 3
/** Milliseconds between two tries while somebody else is next, at first and at most. */
const WAIT = { first: 5, most: 40 }
/** So many times `storeTimeout` an update may wait for others in all. */
const PATIENCE = 10

/** What one update works with. */
export interface UpdateParts {
  readonly read: () => Entries | Promise<Entries>
  readonly write: (edit: Edit) => Promise<Obstacle | undefined>
  readonly encode: (key: string, value: unknown) => string
  readonly services: Services
}

/** What becomes of a key: its new text, or nothing. */
type Next = Pick<Edit, 'set' | 'delete'> & {
  /** What the caller gets when it is done. */
  readonly value: unknown
}

/** Resolves to what was written. */
export function updateValue(key: string, change: (value: unknown) => unknown, parts: UpdateParts): Promise<unknown> {
  const { encode, services } = parts
  return compareAndSet(key, parts, async (text) => {
    const value = await inTime(change(decodeValue(text)), services.store.timeout)
    if (value === undefined) throw nothingReturned(key)
    return { set: new Map([[key, encode(key, value)]]), delete: [], value }
  })
}

/** Removes the key. Resolves to what stood there, or undefined: then nothing is written. */
export function takeValue(key: string, parts: UpdateParts): Promise<unknown> {
  return compareAndSet(key, parts, async (text) => {
    return text === undefined ? undefined : { set: NO_ENTRIES, delete: [key], value: decodeValue(text) }
  })
}

/** Compare-and-set until it succeeds, or `next` finds that there is nothing to do. */
async function compareAndSet(
  key: string,
  { read, write, services }: UpdateParts,
  next: (text: string | undefined) => Promise<Next | undefined>,
): Promise<unknown> {
  const { timeout } = services.store
  const by = services.ids.next()
  let text = (await read()).get(key)
  let patience = timeout * PATIENCE
  let wait = WAIT.first
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const change = await next(text)
    if (change === undefined) return undefined
    const { set, value } = change
    for (;;) {
      const claim = { key, by, ms: attempt > CLAIM_AFTER ? timeout : 0 }
      const obstacle = await write({ set, delete: change.delete, expect: new Map([[key, text]]), claim })
      if (!obstacle) return value
      if (obstacle.kind === 'conflict') {
        text = obstacle.found.get(key)
        break
      }
      if (patience <= 0) throw conflict(key, 'others were let through before it for too long')
      const pause = Math.max(1, Math.min(wait, obstacle.ms, patience))
      await new Promise((resolve) => setTimeout(resolve, pause))
      patience -= pause
      wait = Math.min(wait * 2, WAIT.most)
    }
  }
  throw conflict(key, `somebody else changed it ${ATTEMPTS} times`)
}

function nothingReturned(key: string): LimpetError {
  const name = printed(key)
  return new LimpetError(
    'ERR_LIMPET_UPDATE',
    `the function given to update('${name}') returned nothing, and nothing was written: return the new value, also when you have changed the ` +
      `old one in place (an arrow function with braces needs a return); to remove the key call session.delete('${name}')`,
  )
}

function conflict(key: string, why: string): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_CONFLICT',
    `'${printed(key)}' could not be updated, because ${why}: nothing was written. Answer with 409 and let the client try again`,
  )
}

/** What an update's function returns, if it does so in time: other updates of the key wait for it. */
async function inTime(value: unknown, timeout: number): Promise<unknown> {
  if (!isThenable(value)) return value
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const message =
      `the function given to update() did not finish within ${timeout} ms (storeTimeout): nothing was written. ` +
      'Fetch what takes long before the update, and do not update a key inside an update of the same key'
    timer = setTimeout(() => reject(new LimpetError('ERR_LIMPET_UPDATE', message)), timeout)
  })
  return Promise.race([value, late]).finally(() => clearTimeout(timer))
}
