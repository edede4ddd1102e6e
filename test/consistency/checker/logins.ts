import { type Op, settled } from '../history.ts'
import { show } from './registers.ts'
import { overlap, precedes, type Story, violation } from './story.ts'
import type { Violation } from './verdict.ts'

/** Milliseconds. Which of two requests began first is judged by clocks that were compared over a network: closer than this, either may have. */
const COMPARED = 50

/** Whoever logs in is logged in afterwards, however often the form was sent, and whoever has an old id gets at nothing. */
export function checkLogins(story: Story): Violation[] {
  return [...refusals(story), ...outcomes(story), ...forks(story)]
}

function logouts(story: Story, login: Op): boolean {
  return story.of('logout').some((logout) => logout.invoke <= login.finish)
}

function refusals(story: Story): Violation[] {
  return story
    .of('login')
    .filter((login) => login.refused && !logouts(story, login))
    .map((login) => {
      const others = story.ops.filter((op) => (op.kind === 'login' || op.kind === 'write') && overlap(op, login))
      return violation('refused-login', `#${login.id} was refused, and nobody had logged out`, [login, ...others])
    })
}

/** The user that this login stored. */
function userOf(story: Story, login: Op): Op | undefined {
  return story.ops.find((op) => op.id === login.id && op.kind === 'write')
}

/** What the browser's own cookie shows when all logins have been answered. */
function outcomes(story: Story): Violation[] {
  const logins = story.of('login').filter((login) => userOf(story, login))
  // Whose answer was lost is logged in as somebody whose cookie never came.
  if (logins.length === 0 || story.of('logout').length > 0) return []
  if (logins.some((login) => login.outcome !== 'ok' || login.lost)) return []
  const users = new Set(logins.map((login) => userOf(story, login)?.value))
  return story.of('read').flatMap((read) => {
    if (read.outcome !== 'ok' || read.behind || read.stale || !logins.every((login) => precedes(login, read))) return []
    if (logins.some((login) => story.lostBetween(login, read)) || overtaken(story, logins, read)) return []
    if (read.key === 'user' && !users.has(read.value)) {
      const why = `#${read.id} returned user = ${show(read.value)}, and every login had been answered with success`
      return [violation('lost-login', why, [...logins, ...story.chain(read), read])]
    }
    return read.key === 'cart' ? cart(story, logins, read) : []
  })
}

/**
 * A response from before the login came after the login's own, as a backend that has not heard of it yet may send: the jar has the old cookie, and
 * so have the responses that followed it, as long as nobody could ask the store.
 */
function overtaken(story: Story, logins: readonly Op[], read: Op): boolean {
  for (let [source] = story.source(read); source; [source] = story.source(source)) {
    const { id, session } = source
    if (logins.some((login) => login.id === id)) return false
    const late = logins.find((login) => overlap(login, source))
    const [before] = story.source(source)
    if (late && before?.session === session && !story.chain(source).includes(late)) return true
  }
  return false
}

/** Two logins that were both under way before either changed the id take along what the session held. So does one alone. */
function cart(story: Story, logins: readonly Op[], read: Op): Violation[] {
  const write = story.ops.filter((op) => op.kind === 'write' && op.key === 'cart').at(-1)
  const [first] = logins
  if (!write || !first || read.value === write.value) return []
  if (!logins.every((login) => login.cookieFrom === first.cookieFrom && story.chain(login).includes(write))) return []
  const beside = story.ops.filter((op) => op.kind === 'write' && op.key !== 'cart' && op.key !== 'user')
  if (beside.some((op) => logins.some((login) => overlap(op, login)))) return []
  if (
    !logins.every((login) =>
      logins.every((other) => (login.arrived ?? Infinity) + COMPARED < (other.acted ?? 0) || login === other),
    )
  )
    return []
  const why = `#${read.id} returned cart = ${show(read.value)}: the logins had been under way before the id changed, and lost it`
  return [violation('lost-cart', why, [write, ...logins, read])]
}

/** A login with an id that the session had left: whoever sent it sees nothing of the session, neither of before nor of after. */
function forks(story: Story): Violation[] {
  const logins = story.of('login')
  return story.shown().flatMap((read) => {
    if (read.value === null) return []
    const login = story.chain(read).find((op) => op.kind === 'login')
    const before =
      login && logins.find((one) => one.cookieFrom === login.cookieFrom && settled(one) + COMPARED < login.invoke)
    const write = story.writeOf(read)
    if (!login || !before || !write || write.id === login.id || story.lostBetween(before, read)) return []
    if (story.chain(write).includes(login)) return []
    const why = `#${read.id} returned ${read.key} = ${show(read.value)}, by a login with the id that #${before.id} had changed`
    return [violation('forked', why, [write, before, login, read])]
  })
}
