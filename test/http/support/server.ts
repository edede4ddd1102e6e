import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Running {
  readonly port: number
  readonly server: Server
  close(): Promise<void>
}

/** Serves on a free port of the loopback. */
export async function serve(listener: RequestListener): Promise<Running> {
  return listen(createServer(listener))
}

export async function listen(server: Server): Promise<Running> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const close = () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    return closed
  }
  return { port, server, close }
}
