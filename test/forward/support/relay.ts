import { connect, createServer, type Server, type Socket } from 'node:net'

/** A way to a backend that can be cut: then it refuses connections, and those that stand break. */
export class Relay {
  readonly port: number
  target = 0
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  constructor(port: number) {
    this.port = port
  }

  async open(): Promise<void> {
    const server = createServer((client) => {
      const backend = connect(this.target, '127.0.0.1')
      for (const [one, other] of [
        [client, backend],
        [backend, client],
      ] as const) {
        this.#sockets.add(one)
        one.on('error', () => other.destroy())
        one.on('close', () => {
          this.#sockets.delete(one)
          other.destroy()
        })
        one.pipe(other)
      }
    })
    this.#server = server
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve))
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
