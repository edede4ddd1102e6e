import type { Stage } from './stage.ts'

/** A logout among everything that can overlap it: changes of id whose answers are late or lost, logins, slow writes. */
export async function logoutRace(stage: Stage): Promise<void> {
  const { random } = stage
  if ((await stage.write('cart')) !== 'ok') return
  // Every backend may have a copy.
  for (let left = random.between(0, 5); left > 0; left--) await stage.read('cart')
  const all: Promise<unknown>[] = [stage.after(random.between(0, 30), () => stage.logout())]
  const some = (most: number, least: number, act: () => Promise<unknown>) => {
    for (let left = random.between(least, most); left > 0; left--) all.push(stage.after(random.between(0, 30), act))
  }
  some(2, 0, () => stage.rotate(stage.weather({ held: 0.5 }), random.pick([0, 0, 10])))
  some(1, 0, () => stage.signIn(stage.weather(), random.pick([0, 15])))
  some(2, 0, () => stage.write('note', stage.weather(), { wait: random.between(0, 60) }))
  some(1, 0, () => stage.readAll(stage.weather()))
  await Promise.all(all)
  await stage.haunt([...stage.browser.seen])
}

/** The answer of a change of id is on its way when the logout is sent, with the old cookie. */
export async function logoutAfterRotation(stage: Stage): Promise<void> {
  const { random } = stage
  if ((await stage.write('cart')) !== 'ok') return
  const moves: Promise<unknown>[] = [stage.rotate({ hold: random.between(60, 200) })]
  // The session may have moved on by the time.
  if (random.chance(0.3)) moves.push(stage.after(random.between(0, 5), () => stage.rotate({ hold: 150 })))
  await stage.after(random.between(5, 50), () => stage.logout())
  await Promise.all(moves)
  await stage.haunt([...stage.browser.seen])
}

/** A logout that nothing overlaps, whatever the store does: what becomes of the cookie, and of the copies that backends have? */
export async function plainLogout(stage: Stage): Promise<void> {
  const { random } = stage
  if ((await stage.write('cart')) !== 'ok') return
  for (let left = random.between(3, 8); left > 0; left--) await stage.read('cart')
  if (random.chance(0.5)) await stage.after(random.between(0, 600), () => stage.read('cart'))
  const old = stage.browser.ghost()
  await stage.logout()
  await stage.readAll()
  const again = async (times: number) => {
    for (let left = times; left > 0; left--) {
      await stage.after(random.pick([0, 0, 100, 400]), () => stage.readAll({ ghost: old }))
    }
  }
  await again(4)
  // Backends may have learned of it, and lose the store afterwards.
  if (random.chance(0.3)) stage.later.push(again(12))
}
