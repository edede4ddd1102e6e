import type { Exchange, ExchangeHistory } from './exchange.ts'
import { type Finding, finding } from './finding.ts'
import { MOVE_WINDOW, type Tree } from './tree.ts'

/** What one request may be answered, whatever it did: errors, and the cookies that take another's place. */
export function checkRequests({ exchanges }: ExchangeHistory, tree: Tree): Finding[] {
  return exchanges.flatMap((one) => {
    const found = [
      broken(one),
      announced(one, tree),
      refused(one, tree),
      keptCookie(one),
      lost(one, tree),
      third(one, tree),
    ]
    return found.filter((each) => each !== undefined)
  })
}

function broken(one: Exchange): Finding | undefined {
  if (one.error === 'no-answer')
    return finding('no-answer', `#${one.id} was never answered by a backend that lived`, [one])
  return one.error.startsWith('crash') ? finding('crash', `#${one.id} failed with ${one.error}`, [one]) : undefined
}

function announced(one: Exchange, tree: Tree): Finding | undefined {
  if (!one.behind) return undefined
  // Once the clock was set back, a cookie from before that has no age: nobody can tell a session that ended by itself since then from one that was lost.
  if (!tree.isActive(one) && tree.setBack.some((at) => at <= one.finish)) return undefined
  const why = `#${one.id} said that acknowledged writes were lost, and nothing had happened that could lose any`
  return finding('false-announcement', why, [one])
}

function refused(one: Exchange, tree: Tree): Finding | undefined {
  const { act, sent, given, error, finish } = one
  if (!/DESTROYED|CONFLICT|EXPIRED/.test(error)) return undefined
  // A stream that began a session knows it by the cookie that it gave.
  const ids = [sent, given].filter((id) => id !== '')
  if (ids.some((id) => tree.logoutsAround(id, finish).length > 0 || tree.isDoubtful(id))) return undefined
  const others = ids.flatMap((id) => tree.loginsBefore(id, finish)).filter((other) => other !== one)
  if (act === 'login') return finding('refused-login', `#${one.id} was refused (${error})`, [...others, one])
  const isReason = error.includes('EXPIRED') ? !tree.isActive(one) : others.length > 0
  return isReason ? undefined : finding('refused', `#${one.id} was refused (${error}), without a reason`, [one])
}

/** The client of a logout leaves with another cookie, also when the store could not be told. */
function keptCookie(one: Exchange): Finding | undefined {
  const { act, sent, given, error, arrived, stream } = one
  if (act !== 'logout' || sent === '' || !arrived || stream || !error.includes('STORE')) return undefined
  if (given !== '' && given !== sent) return undefined
  return finding('kept-cookie', `#${one.id} failed, and left its client with the session's cookie`, [one])
}

function lost(one: Exchange, tree: Tree): Finding | undefined {
  const { act, sent, ghost, finish } = one
  if (sent === '' || ghost || (act !== 'read' && act !== 'write') || !isElsewhere(one) || !tree.isActive(one))
    return undefined
  if (tree.loginsBefore(sent, finish).length > 0 || tree.logoutsAround(sent, finish).length > 0) return undefined
  // A login that came too late for the session, and did not end well, has left an id that leads nowhere.
  if (tree.isDoubtful(sent) || !tree.holdsSomething(sent, one.invoke)) return undefined
  const source = tree.byId.get(one.cookieFrom)
  return finding('session-lost', `#${one.id} was given another session, and nothing had ended the one of its cookie`, [
    source,
    one,
  ])
}

function isElsewhere({ sent, given, under, outcome }: Exchange): boolean {
  return (given !== '' && given !== sent) || (outcome === 'ok' && under !== sent)
}

/** While a login's answer may be on its way, no other answer takes the place of its cookie. */
function third(one: Exchange, tree: Tree): Finding | undefined {
  const { act, sent, given, ghost, finish } = one
  if (sent === '' || ghost || (act !== 'read' && act !== 'write') || given === '' || given === sent) return undefined
  if (
    tree.logoutsAround(sent, finish).length > 0 ||
    !tree.isActive(one) ||
    tree.way(sent, given) ||
    tree.isDoubtful(sent)
  )
    return undefined
  const logins = tree.loginsBefore(sent, finish)
  const login = logins.find(({ outcome }) => outcome === 'ok')
  // Each of them may have been the one that moved.
  if (!login || logins.some(({ invoke }) => finish > invoke + MOVE_WINDOW)) return undefined
  if (tree.setBack.some((at) => at >= login.invoke && at <= finish)) return undefined
  return finding(
    'third-cookie',
    `#${one.id} brought a cookie of a third session while #${login.id} gave its client a new id`,
    [login, one],
  )
}
