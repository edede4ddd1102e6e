// What `import(name)` takes, and whether it loads a Redis client: both are CommonJS, and so seen in the cache of modules.
import { createRequire } from 'node:module'

const before = performance.now()
await import(process.argv[2])
const milliseconds = performance.now() - before
const loaded = Object.keys(createRequire(import.meta.url).cache)
const clients = loaded.filter((file) =>
  /node_modules\/(ioredis|redis|@redis)\//.test(file.replaceAll('\\', '/')),
).length
process.stdout.write(JSON.stringify({ milliseconds, clients }))
