import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'

/** A wire between a client and Redis that can be cut, that can lose what Redis answers, and that can fall silent. */
export class Wire {
  readonly url: string
  /** Redis gets every command; nobody gets an answer. */
  losesAnswers = false
  /** Bytes that clients have sent. */
  carried = 0
  readonly #server
  readonly #sockets = new Set<Socket>()
  readonly #silent = new WeakSet<Socket>()

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server
    this.url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  static async start(port: number): Promise<Wire> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const wire = new Wire(server)
    server.on('connection', (client) => wire.#join(client, createConnection(port, '127.0.0.1')))
    return wire
  }

  /** Connections that stand now carry nothing any more, and nobody is told. */
  vanish(): void {
    for (const socket of this.#sockets) this.#silent.add(socket)
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(client: Socket, redis: Socket): void {
    client.on('data', (chunk) => {
      this.carried += chunk.length
      if (!this.#silent.has(client)) redis.write(chunk)
    })
    redis.on('data', (chunk) => {
      if (!this.losesAnswers && !this.#silent.has(redis)) client.write(chunk)
    })
    this.#keep(client, redis)
    this.#keep(redis, client)
  }

  #keep(socket: Socket, other: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      other.destroy()
    })
  }
}
