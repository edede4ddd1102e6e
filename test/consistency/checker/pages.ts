import { type Op, settled } from '../history.ts'
import { show } from './registers.ts'
import { type Story, violation } from './story.ts'
import type { Violation } from './verdict.ts'

/**
 * Requests without a cookie begin a session each. What the browser's cookie shows afterwards is what was written in the session
 * that it names, and nothing of the others.
 */
export function checkPages(story: Story): Violation[] {
  if (story.of('login').length + story.of('logout').length > 0) return []
  return story.of('read').flatMap((read) => {
    if (read.outcome !== 'ok' || read.behind || read.stale || read.cookieFrom < 0) return []
    const root = story.root(read)
    const write = read.value === null ? undefined : story.writeOf(read)
    if (write && story.root(write) !== root) {
      const why = `#${read.id} returned ${read.key} = ${show(read.value)}, which #${write.id} had written to another session`
      return [violation('foreign', why, [write, read])]
    }
    const own = story
      .of('write')
      .filter((op) => op.key === read.key && story.root(op) === root && settled(op) < read.invoke)
    const [missing] = own
    if (!missing || read.value !== null || story.lostBetween(missing, read)) return []
    const why = `#${read.id} returned nothing, and #${missing.id} had written ${show(missing.value)}`
    const told = story.chain(read).some((op) => op.id === missing.id)
    const excuse = told ? undefined : ({ kind: 'late', after: read.invoke - missing.finish } as const)
    return [violation('lost-write', why, [missing, read], excuse)]
  })
}

/** Acknowledged writes to sessions whose cookies the browser dropped for that of another: no library can join them. */
export function dropped(story: Story): readonly Op[] {
  const writes = story.of('write').filter((op) => op.cookieFrom < 0 && op.outcome === 'ok')
  const reached = new Set(story.ops.filter((op) => op.cookieFrom >= 0).map((op) => story.root(op)))
  return reached.size === 0 ? [] : writes.filter((op) => !reached.has(op.id))
}
