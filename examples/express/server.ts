import type { AddressInfo } from 'node:net'
import { createApp } from './app.ts'

// BACKEND_ID gives this backend a name that survives a restart; without one it draws a new name at each start.
const { app, close } = createApp({ backend: { id: process.env.BACKEND_ID } })

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`listening on http://localhost:${(server.address() as AddressInfo).port}`)
})

process.on('SIGTERM', stop)
process.on('SIGINT', stop)

/** Running requests finish first: they still need the store. After `close()` nothing keeps the process alive. */
function stop(): void {
  // npm and a shell may each pass the same signal on.
  if (!server.listening) return
  server.close(() => void close())
  // What only waits for a next request need not be waited for.
  server.keepAliveTimeout = 1
  // A client that never stops reading must not hold the process for ever.
  setTimeout(() => server.closeAllConnections(), 10_000).unref()
}
