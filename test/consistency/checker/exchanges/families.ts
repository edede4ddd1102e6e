import type { Exchange } from './exchange.ts'
import { MOVE_WINDOW, type Move, type Tree } from './tree.ts'

/**
 * Of several logins with one cookie each leads to an id of its own, and the browser keeps the cookie that arrives last: a logout soon after means all
 * of them. These are the moves on the way from the id of the logout to that of the reader, where it is certain that the logout had to end the latter.
 */
export function wayBeside(reader: Exchange, logout: Exchange, tree: Tree): Move[] | undefined {
  const fork = tree.fork(logout.sent, reader.under)
  // A cookie of which nobody knows whether it names a session may name none: then each login with it begins one that nothing joins to the others.
  if (!fork || !tree.isActive(logout) || tree.isDoubtful(fork.from)) return undefined
  const logins = tree.loginsFrom(fork.from)
  // When the first of them changed the id, at the earliest.
  const moved = Math.min(...logins.map(({ invoke }) => invoke))
  if (logout.finish > moved + MOVE_WINDOW) return undefined
  const isCertain = ({ login }: Move) =>
    login.outcome === 'ok' && !login.stream && tree.isActive(login) && login.finish < logout.invoke
  if (!fork.moves.every(isCertain)) return undefined
  // Another logout may have ended all of it before, and a login after that has begun something else.
  return tree.logoutsAround(fork.from, logout.finish).every((other) => other === logout) ? fork.moves : undefined
}
