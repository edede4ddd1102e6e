import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createProxyServer } from 'httpxy'

/** A balancer that keeps nobody anywhere: each request, and each upgrade, goes to the next backend. */
export class RoundRobin {
  /** The index of the backend of each request, in their order. */
  readonly went: number[] = []
  readonly #server: Server
  /** Also those of upgrades, which the server does not close. */
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  static async start(ports: readonly number[]): Promise<RoundRobin> {
    const proxy = createProxyServer({ xfwd: true })
    const server = createServer()
    const balancer = new RoundRobin(server)
    const dead = new Set<number>()
    const next = () => {
      for (let tries = 0; ; tries++) {
        const index = balancer.went.length % ports.length
        balancer.went.push(index)
        const port = ports[index] ?? 0
        if (!dead.has(port) || tries > ports.length) return port
      }
    }
    server.on('request', (req, res) => {
      const port = next()
      proxy.web(req, res, { target: `http://127.0.0.1:${port}` }).catch(() => {
        // It refuses connections: a health check would have found out.
        dead.add(port)
        if (!res.headersSent) res.writeHead(502)
        res.end()
      })
    })
    server.on('upgrade', (req, socket, head) => {
      const port = next()
      proxy.ws(req, socket as Socket, { target: `http://127.0.0.1:${port}` }, head).catch(() => {
        dead.add(port)
        socket.destroy()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return balancer
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
