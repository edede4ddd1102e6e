import type { Stage } from './stage.ts'

/** A page whose parts are fetched at once by a browser that has no cookie yet; several of them write. */
export async function firstPage(stage: Stage): Promise<void> {
  const { random } = stage
  const keys = random.shuffle(['cart', 'note', 'seen']).slice(0, random.between(1, 2))
  const parts = keys.map((key) => () => stage.write(key, stage.weather({ lost: 0 }), { wait: random.between(0, 15) }))
  for (let left = random.between(1, 4); left > 0; left--) parts.push(() => stage.read('user', stage.weather()))
  await Promise.all(random.shuffle(parts).map((part) => stage.after(random.between(0, 5), part)))
  for (let left = 3; left > 0; left--) await stage.readAll()
}
