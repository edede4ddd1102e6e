import type { Op } from '../history.ts'
import { show } from './registers.ts'
import { precedes, type Story, violation } from './story.ts'
import type { Violation } from './verdict.ts'

/** Milliseconds by which a timeout may be late or early: measured clocks differ, and an answer takes its time. */
const SLACK = 1000

/** A session that is used lives, and one that was not used for its timeout shows nothing, whoever still has it in hand. */
export function checkTimeouts(story: Story, idle: number): Violation[] {
  const [write] = story.of('write')
  if (write?.outcome !== 'ok') return []
  return story.of('read').flatMap((read) => {
    if (read.outcome !== 'ok' || read.acted === undefined) return []
    const used = lastUse(story, read)
    if (read.value !== null) {
      if (read.acted - used.latest <= idle + SLACK) return []
      const unused = Math.round(read.acted - used.latest)
      const why = `#${read.id} returned ${read.key} = ${show(read.value)}, ${unused} ms after the session was last used, and ${idle} end it`
      return [violation('outlived', why, [write, read])]
    }
    if (read.behind || read.stale || story.lostBetween(write, read)) return []
    // One gap that was too long has ended it for good, and so may have a store that could not be told of a use.
    const alive = story
      .of('read')
      .every((op) => op.invoke > read.invoke || op.finish - lastUse(story, op).earliest < idle - SLACK / 2)
    if (!alive || !story.ops.every((op) => op.outcome === 'ok' || op.invoke > read.invoke)) return []
    const why = `#${read.id} returned nothing of a session that had been in use all the time`
    return [violation('session-lost', why, [write, ...story.source(read), read])]
  })
}

/** Between which two moments the session was last used before this request looked at it for the last time. */
function lastUse(story: Story, read: Op): { earliest: number; latest: number } {
  const acted = read.acted ?? read.finish
  // A slow handler looks at the session when it begins.
  const own =
    (read.waited ?? 0) > 0 ? [{ earliest: read.arrived ?? read.invoke, latest: acted - (read.waited ?? 0) }] : []
  // One that failed was a use all the same if its response brought the cookie on.
  const led = story.chain(read)
  const others = story.ops
    .filter((op) => op.id !== read.id && (precedes(op, read) || led.includes(op)))
    .map((op) => ({ earliest: op.arrived ?? op.invoke, latest: op.finish }))
  return [...own, ...others].reduce((a, b) => (b.latest > a.latest ? b : a), {
    earliest: 0,
    latest: Number.NEGATIVE_INFINITY,
  })
}
