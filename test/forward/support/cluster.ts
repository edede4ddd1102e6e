import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'

/** The primary process of four workers that share one port. It passes on what they say. */
const WORKERS = 4

cluster.setupPrimary({
  exec: fileURLToPath(new URL('stack.ts', import.meta.url)),
  args: process.argv.slice(2),
  execArgv: ['--import', 'tsx'],
})
let ready = 0
for (let n = 0; n < WORKERS; n++) {
  cluster.fork().on('message', (message) => {
    if (message !== 'ready') process.send?.(message, () => undefined)
    else if (++ready === WORKERS) process.send?.('ready')
  })
}
process.on('disconnect', () => process.exit())
