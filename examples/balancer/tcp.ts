import { connect, createServer, type Socket } from 'node:net'
import type { Listener, Settings } from './balancer.ts'

/**
 * The layer-4 listener: bytes in, bytes out. All it knows of a client is the source address of a connection, so
 * everybody behind one NAT is one client, and a phone that leaves the Wi-Fi is a new one.
 */
export function tcpListener({ persistence, timeout, clock, ring }: Settings): Listener {
  const homes = new Map<string, { readonly backend: string; readonly lastSeen: number }>()
  const open = new Set<Socket>()

  const server = createServer((client) => {
    const source = client.remoteAddress ?? ''
    const home = homes.get(source)
    // Causes 1 and 2, one layer down.
    const known = persistence && home && clock() - home.lastSeen <= timeout && ring.has(home.backend)
    const backend = known ? home.backend : ring.next()
    if (!backend) return client.destroy()
    const remember = () => homes.set(source, { backend, lastSeen: clock() })
    remember()
    client.once('close', remember)

    const { hostname, port } = new URL(backend)
    const upstream = connect(Number(port), hostname)
    join(client, upstream)
    join(upstream, client)
  })

  /** Carries bytes one way. When this end is gone, so is the other, once it has sent what it holds. */
  function join(from: Socket, to: Socket): void {
    open.add(from)
    from.setNoDelay(true)
    from.pipe(to)
    from.on('error', () => to.destroy())
    from.on('close', () => {
      open.delete(from)
      to.destroySoon()
    })
  }

  return { server, drop: () => open.forEach((socket) => void socket.destroy()) }
}
