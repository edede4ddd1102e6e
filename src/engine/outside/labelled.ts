import { LimpetError } from '../../core/errors.ts'
import { checkLabel } from '../../core/label.ts'
import type { DestroyAllOptions, LabelledSession } from '../../ports/exchange.ts'
import { endSession } from '../request/ending.ts'
import type { Services } from '../services.ts'
import { OutsideState } from './outside-state.ts'

/** How many sessions are asked for at once. */
const AT_ONCE = 50
/** So often the index is looked at. Only who logs in all the time makes it so many. */
const MOST_ROUNDS = 100

const NOT_TOLD = 'what was found is ended as soon as the store answers; call destroyAll() again, for there may be more'

/** The sessions that have this label now. */
export async function labelled(services: Services, label: unknown): Promise<LabelledSession[]> {
  checkLabel(label, 'limpet.labelled')
  services.labels.check()
  const { store } = services
  const found: LabelledSession[] = []
  const over: string[] = []
  const how = { seen: 0, touch: undefined, ttl: 1000, within: store.timeout }
  await eachOf(await services.labels.list(label), async (id) => {
    const result = await store.call('read', (port) => port.read(id, how))
    if (result.kind === 'tombstone' && result.end === 'destroyed') over.push(id)
    if (result.kind !== 'found' || result.label !== label) return
    const { createdAt } = result
    found.push({ id, createdAt: createdAt === undefined ? undefined : new Date(createdAt) })
  })
  // What has moved stays there: from it, whoever ends all finds what it went on as.
  if (over.length > 0) services.background.run(services.labels.remove(label, over))
  return found.sort((a, b) => Number(b.createdAt ?? 0) - Number(a.createdAt ?? 0))
}

/** Ends all sessions that have this label, until the index shows no others. Says how many that were. */
export async function destroyAll(services: Services, label: unknown, options?: DestroyAllOptions): Promise<number> {
  checkLabel(label, 'limpet.destroyAll')
  services.labels.check()
  const except = readExcept(options)
  const done = new Set(except === undefined ? [] : [except])
  let count = 0
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const ids = (await services.labels.list(label)).filter((id) => !done.has(id))
    if (ids.length === 0) return count
    const gone: string[] = []
    await eachOf(ids, async (id) => {
      // As of a request that began before everything: so an old id leads to what it went on as, however long ago that
      // was.
      const how = { onlyLabel: label, except, age: Number.MAX_SAFE_INTEGER }
      const result = await endSession(services, id, new OutsideState(services, id).endHow(how), NOT_TOLD)
      done.add(id)
      if (result.kind === 'destroyed') count += Math.max(1, result.successors?.length ?? 0)
      // A session with this label that lives on under another id would be found by nothing else.
      if (result.kind !== 'tombstone' || result.end === 'destroyed') gone.push(id)
    })
    if (gone.length > 0) await services.labels.remove(label, gone)
  }
  throw new LimpetError(
    'ERR_LIMPET_CONFLICT',
    `sessions of this label began as quickly as they were ended: ${count} were, and there are more. Keep the user from logging in, and try again`,
  )
}

function readExcept(options: unknown): string | undefined {
  if (options === undefined) return undefined
  const { except, ...others } =
    typeof options === 'object' && options !== null ? (options as DestroyAllOptions) : { except: 0 }
  if (Object.keys(others).length === 0 && (except === undefined || typeof except === 'string')) return except
  throw new LimpetError(
    'ERR_LIMPET_OPTIONS',
    "destroyAll takes an id to spare, like destroyAll('user:42', { except: sticky.id })",
  )
}

/**
 * A few at once: who has thousands of sessions must not fill the connection. The first failure is told when all of its
 * lot have ended.
 */
async function eachOf(ids: readonly string[], work: (id: string) => Promise<void>): Promise<void> {
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const results = await Promise.allSettled(ids.slice(at, at + AT_ONCE).map(work))
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }
}
