// One backend as a process of its own: `npm run demo -- --redis` starts six. What it needs comes as in production,
// from the environment: LIMPET_SECRET and REDIS_URL, which sticky() reads by itself.
import { inMemory, withSticky } from './keepers.ts'
import { serve } from './lanes.ts'

const [lane, name = 'backend'] = process.argv.slice(2)
const keeper = lane === 'sticky' ? withSticky({ backend: { id: name } }) : inMemory(process.env.LIMPET_SECRET ?? '')
const { url } = await serve(name, keeper)
process.send?.(url)

// When the demo ends, however it ends, so does the channel to it.
process.once('disconnect', () => process.exit(0))
// Ctrl-C reaches every process of the terminal. The demo decides when its backends end.
process.on('SIGINT', () => undefined)
