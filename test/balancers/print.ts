import { intoDocs } from '../../bench/lib/docs.ts'
import { startRedis } from '../support/redis-server.ts'
import { play } from './scenario.ts'
import { asMarkdown } from './table.ts'

// With --docs the table goes to docs/balancers.md.
const redis = await startRedis()
try {
  const table = asMarkdown(await play(redis.url))
  process.stdout.write(`${table}\n`)
  if (process.argv.includes('--docs')) intoDocs('balancers.md', 'balancers', table)
} finally {
  await redis.stop()
}
