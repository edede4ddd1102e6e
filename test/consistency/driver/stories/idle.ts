import { SHORT } from '../../backends/app.ts'
import type { Stage } from './stage.ts'

/** A session that is used, and lives; then is not, and ends: in a silence, or while a slow request runs, as a stream or a socket may. */
export async function idle(stage: Stage): Promise<void> {
  const { random } = stage
  const manner = { idle: SHORT }
  if ((await stage.write('note', manner)) !== 'ok') return
  for (let left = random.between(1, 5); left > 0; left--) {
    await stage.after(random.between(300, 800), () => stage.read('note', manner))
  }
  const long = SHORT * 1.75
  if (random.chance(0.5)) await stage.read('note', manner, long)
  else await stage.after(long, () => stage.read('note', manner))
  await stage.read('note', manner)
}
