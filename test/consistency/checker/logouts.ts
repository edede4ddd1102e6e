import type { Op } from '../history.ts'
import { show } from './registers.ts'
import { overlap, precedes, type Story, violation } from './story.ts'
import type { Violation } from './verdict.ts'

/** Milliseconds after a change of id in which the holder of the old id still ends what the session goes on as. */
const MOVE_WINDOW = 10_000

/** What was acknowledged before a logout is shown to nobody after it, whichever of the session's ids is asked. */
export function checkLogouts(story: Story): Violation[] {
  return story.of('logout').flatMap((logout) => [
    ...(logout.refused ? [violation('refused-logout', `#${logout.id} was refused`, [logout])] : []),
    ...story.shown().flatMap((read) => {
      const write = read.value === null ? undefined : story.writeOf(read)
      if (!write || !precedes(write, logout) || story.root(write) !== story.root(logout)) return []
      return read.invoke > logout.finish ? judge(story, logout, write, read) : []
    }),
  ])
}

function judge(story: Story, logout: Op, write: Op, read: Op): Violation[] {
  const shown = `#${read.id} returned ${read.key} = ${show(read.value)}`
  if (keptCookie(story, logout, read)) {
    const why = `${shown}: the answer to the logout #${logout.id} had left the browser its cookie`
    return [violation('kept-cookie', why, [write, logout, read])]
  }
  const proof = knew(story, logout, read)
  if (proof && (read.stale || !story.lostBetween(logout, read))) {
    const why = `${shown}${read.stale ? ' (stale)' : ''}: the backend that answered had heard of the logout, as #${proof.id} shows`
    return [violation('served-after-logout', why, [write, logout, proof, read])]
  }
  if (logout.outcome !== 'ok' || read.stale || tooOld(story, logout)) return []
  const why = `${shown} of the session that the logout #${logout.id} had ended`
  const moves = story.of('login').filter((login) => overlap(login, logout) || login.finish < logout.invoke)
  // What tells which ids were one session can get lost as the logout can.
  if (story.lostBetween(moves[0] ?? logout, read)) return []
  return [
    violation('survived-logout', why, [write, ...moves, logout, read], {
      kind: 'late',
      after: read.invoke - logout.finish,
    }),
  ]
}

/**
 * The operation by which the process that answered had learned of the logout: it was asked to end this very id, whether the store could be told
 * or not (only limpet promises anything for the latter), or it had found nothing there since.
 */
function knew(story: Story, logout: Op, read: Op): Op | undefined {
  if (read.boot === undefined || logout.refused) return undefined
  const asked = logout.outcome === 'ok' || (story.terms !== undefined && logout.boot !== undefined)
  if (asked && logout.boot === read.boot && logout.cookieFrom === read.cookieFrom) return logout
  return story.shown().find((earlier) => {
    const same = earlier.boot === read.boot && earlier.cookieFrom === read.cookieFrom && earlier.key === read.key
    return same && earlier.value === null && !earlier.stale && logout.finish < earlier.invoke && precedes(earlier, read)
  })
}

/** The logout was answered, failed, and nothing else can have set a cookie meanwhile. */
function keptCookie(story: Story, logout: Op, read: Op): boolean {
  if (!story.terms || read.kind !== 'read' || logout.outcome === 'ok' || logout.boot === undefined || logout.lost)
    return false
  if (story.ops.some((op) => op.id !== logout.id && overlap(op, logout))) return false
  return read.cookieFrom === logout.cookieFrom || read.cookieFrom === logout.id
}

/** Its cookie was of an id that the session had left long before. */
function tooOld(story: Story, logout: Op): boolean {
  const known = new Set(story.chain(logout))
  return story.of('login').some((login) => !known.has(login) && logout.finish - login.invoke > MOVE_WINDOW)
}
