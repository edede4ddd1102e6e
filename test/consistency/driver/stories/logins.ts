import type { Stage } from './stage.ts'

/** A login form that is sent twice, perhaps while something else writes; then what the browser is left with is read. */
export async function doubleLogin(stage: Stage): Promise<void> {
  const { random } = stage
  if ((await stage.write('cart')) !== 'ok') return
  if (random.chance(0.5)) await stage.readAll()
  const gap = random.pick([0, 10, 25])
  // Long enough, often, that both are certainly there before either changes the id.
  const wait = random.pick([0, 5, 40, 120])
  const both: Promise<unknown>[] = [stage.signIn({}, wait), stage.after(gap, () => stage.signIn({}, wait))]
  if (random.chance(0.3)) {
    both.push(stage.after(random.between(0, 30), () => stage.write('note', {}, { wait: random.between(0, 20) })))
  }
  await Promise.all(both)
  for (let left = 3; left > 0; left--) await stage.readAll()
}

/**
 * A login form that is sent again when the first login has changed the id and its answer is still on its way; then a logout with whichever cookie came
 * last, and what the other one is worth after it.
 */
export async function lateLogin(stage: Stage): Promise<void> {
  const { random } = stage
  if ((await stage.write('cart')) !== 'ok') return
  const first = stage.signIn({ hold: random.between(60, 250) })
  await stage.after(random.between(20, 60), () => stage.signIn({ hold: random.pick([0, 0, 120]) }))
  await first
  if (random.chance(0.3)) await stage.write('note')
  if (random.chance(0.2)) await stage.rotate()
  await stage.logout()
  await stage.haunt([...stage.browser.seen])
}

/** Somebody who knows the old cookie tries to log in with it, after the login. */
export async function thief(stage: Stage): Promise<void> {
  if ((await stage.write('cart')) !== 'ok') return
  const stolen = stage.browser.twin()
  if ((await stage.signIn()) !== 'ok') return
  await stage.after(stage.random.pick([60, 120, 400]), () => stage.signIn({}, 0, stolen))
  await stage.readAs(stolen)
  await stage.readAll()
  await stage.write('note')
  await stage.readAs(stolen)
}
