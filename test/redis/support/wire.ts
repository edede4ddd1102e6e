import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'

/** A wire between a client and Redis that can be cut, that can lose what Redis answers, fall silent, and tell lies. */
export class Wire {
  readonly url: string
  /** Redis gets every command; nobody gets an answer. */
  losesAnswers = false
  /** What clients send is changed so before Redis gets it; of the same length, since the protocol counts. */
  rewrites: readonly (readonly [RegExp, string])[] = []
  /** What Redis answers is changed so. */
  lies: readonly (readonly [RegExp, (found: string) => string])[] = []
  /** A client that sends this gets that answer, and Redis nothing. */
  answers: readonly (readonly [RegExp, string])[] = []
  /** Bytes that clients have sent. */
  carried = 0
  /** How many clients there have been. */
  joined = 0
  readonly #server
  readonly #sockets = new Set<Socket>()
  readonly #silent = new WeakSet<Socket>()
  readonly #sent = new Map<Socket, string>()

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

  /** Connections that stand now carry nothing any more, and nobody is told. `which`: by what they have sent. */
  vanish(which: (sent: string) => boolean = () => true): void {
    for (const socket of this.#sockets) if (which(this.#sent.get(socket) ?? '')) this.#silent.add(socket)
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(client: Socket, redis: Socket): void {
    this.joined++
    client.on('data', (chunk) => {
      this.carried += chunk.length
      const sent = `${this.#sent.get(client) ?? ''}${chunk}`.slice(-10_000)
      for (const socket of [client, redis]) this.#sent.set(socket, sent)
      if (this.#silent.has(client)) return
      const text = chunk.toString('latin1')
      const answer = this.answers.find(([pattern]) => pattern.test(text))
      if (answer) client.write(answer[1])
      else
        redis.write(
          this.rewrites.reduce((all, [from, to]) => all.replace(from, to), text),
          'latin1',
        )
    })
    redis.on('data', (chunk) => {
      if (this.losesAnswers || this.#silent.has(redis)) return
      client.write(
        this.lies.reduce((all, [from, to]) => all.replace(from, to), chunk.toString('latin1')),
        'latin1',
      )
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
