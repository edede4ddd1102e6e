import type { Stage } from './stage.ts'

/** Enough for longer than twenty attempts take, and milliseconds between two. */
const MOST = 500
const EVERY = 8
/** Milliseconds. Many quick ones are done meanwhile, on a busy machine too. */
const SLOW = 120

/** One update whose new value takes long to compute, among many that are quick, on whichever backends they land. */
export async function rush(stage: Stage): Promise<void> {
  if ((await stage.write('cart')) !== 'ok') return
  let done = false
  const slow = stage.add(SLOW).finally(() => {
    done = true
  })
  // Not one after the other: those that land where the slow one is wait for it there.
  const quick: Promise<unknown>[] = []
  for (let left = MOST; left > 0 && !done; left--) {
    await stage.after(EVERY, async () => void quick.push(stage.add(0)))
  }
  await Promise.all([slow, ...quick])
}
