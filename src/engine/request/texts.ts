import { LimpetError } from '../../core/errors.ts'
import type { Claim } from '../../ports/store.ts'
import type { TextEdit } from '../../ports/texts.ts'
import type { Services } from '../services.ts'
import type { Edit, Obstacle } from './writer.ts'

/** Milliseconds between two tries while somebody else is next, at first and at most. */
const WAIT = { first: 5, most: 40 }
/** So many times `storeTimeout` a write may wait for others in all. */
const PATIENCE = 10

/** `Texts.write`: waits where somebody else is next. Resolves to what stands there instead, or undefined. */
export async function writeTexts(
  { set, delete: gone, expect, lifetime, anew, next }: TextEdit,
  by: string,
  { store }: Services,
  write: (edit: Edit) => Promise<Obstacle | undefined>,
): Promise<ReadonlyMap<string, string | undefined> | undefined> {
  const edit: Edit = {
    set,
    delete: gone,
    expect,
    ...(expect && { claim: claimOf(expect, next, by, store.timeout) }),
    ...(lifetime !== undefined && { lifetime }),
    ...(anew && { clear: true, lifetime: lifetime ?? 0, ...(store.store.labels && { label: null }) }),
  }
  let patience = store.timeout * PATIENCE
  for (let wait = WAIT.first; ; wait = Math.min(wait * 2, WAIT.most)) {
    const obstacle = await write(edit)
    if (obstacle?.kind !== 'claimed') return obstacle?.found
    if (patience <= 0) throw starved()
    const pause = Math.max(1, Math.min(wait, obstacle.ms, patience))
    await new Promise((resolve) => setTimeout(resolve, pause))
    patience -= pause
  }
}

/** Whoever has claimed a key is known by this also when it writes without a claim of its own. */
function claimOf(expect: ReadonlyMap<string, unknown>, next: string | undefined, by: string, timeout: number): Claim {
  const [first = ''] = expect.keys()
  return { key: next ?? first, by, ms: next === undefined ? 0 : timeout }
}

function starved(): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_CONFLICT',
    'the session could not be written, because others were let through before it for too long: nothing was written. ' +
      'Answer with 409 and let the client try again',
  )
}
