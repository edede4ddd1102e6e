// One subject of the bench as a process of its own: `node server.mjs <subject>`, with REDIS_URL in the environment.
// Plain JavaScript on purpose: what is measured is what Node runs, with no loader in between, and --node can name another
// Node. The driver speaks to it over IPC: it asks for what the process has used so far, and ends it.
import { createServer } from 'node:http'

// express-limpet-read-store: the file express-limpet.mjs, its listener "read-store".
const [framework, library, ...rest] = (process.argv[2] ?? '').split('-')
const { listeners } = await import(`./${framework}-${library}.mjs`)

let requests = 0
const server = createServer()
// Before any of them listens: one that wants to see the server itself is given it.
server.on('request', listeners[rest.join('-') || 'bare'](server))
// Every subject pays for this counter alike. A profile needs it: the load that is cut off at the end of its time does not
// know how many requests the server took in.
server.on('request', () => {
  requests++
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send?.({ type: 'ready', port: server.address().port }))

process.on('message', (message) => {
  if (message === 'usage') process.send?.({ type: 'usage', requests, cpu: process.cpuUsage() })
  if (message === 'heap') process.send?.({ type: 'heap', bytes: liveBytes() })
  if (message === 'exit') process.exit(0)
})
process.on('disconnect', () => process.exit(0))

/** What is reachable, on the heap and in buffers. Needs --expose-gc; twice, since finalizers free more the second time. */
function liveBytes() {
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
