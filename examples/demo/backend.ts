// One backend as a process of its own: `npm run demo -- --redis` starts nine. What it needs comes as in production,
// from the environment: LIMPET_SECRET and REDIS_URL, which sticky() reads by itself.
import { RedisStore } from 'connect-redis'
import { Redis } from 'ioredis'
import { type Keeper, withExpressSession, withSticky } from './keepers.ts'
import { serve } from './lanes.ts'

const [lane, name = 'backend', prices = ''] = process.argv.slice(2)
const secret = process.env.LIMPET_SECRET ?? ''
const { url } = await serve(name, keeper(), prices)
process.send?.(url)

function keeper(): Keeper {
  if (lane === 'sticky') return withSticky({ backend: { id: name } })
  if (lane === 'alone') return withExpressSession(secret)
  const client = new Redis(process.env.REDIS_URL ?? '')
  return withExpressSession(secret, new RedisStore({ client, prefix: 'demo:', ttl: 600 }))
}

// When the demo ends, however it ends, so does the channel to it.
process.once('disconnect', () => process.exit(0))
// Ctrl-C reaches every process of the terminal. The demo decides when its backends end.
process.on('SIGINT', () => undefined)
