import { createServer, type RequestListener } from 'node:http'
import type { Break } from '../driver/run.ts'

/** What the driver hands each backend process. */
export interface BackendSettings {
  readonly port: number
  readonly id: string
  readonly redisPort: number
  /** Milliseconds. */
  readonly storeTimeout: number
  readonly broken: Break | undefined
  /** How many replicas must have a write before it counts. */
  readonly replicas: number
}

/** A backend is told everything in one argument. */
export function settings(): BackendSettings {
  return JSON.parse(process.argv[2] ?? '{}')
}

/** Listens, says so to the driver, and ends when the driver is gone. */
export function serve(listener: RequestListener): void {
  const { port } = settings()
  // Longer than any run: a connection that the server closes by itself would be an error nobody asked for.
  const server = createServer({ keepAliveTimeout: 600_000 }, listener)
  server.listen(port, '127.0.0.1', () => process.send?.('ready'))
  process.on('disconnect', () => process.exit())
  // A deployment: what is under way ends, and nothing new begins.
  process.on('SIGTERM', () => {
    server.close(() => process.exit())
    server.closeIdleConnections()
  })
}
