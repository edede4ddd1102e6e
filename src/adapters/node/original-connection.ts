import type { Connection } from '../../ports/exchange.ts'
import type { NodeRequest } from './write-head.ts'

/** On a socket of a peer: it shows the connection of a client. */
const SHOWS = Symbol('limpet.shows')

type Shown = NodeRequest['socket'] & { [SHOWS]?: true; encrypted?: boolean }

/** Where a request came from. */
export function connectionOf({ socket }: NodeRequest): Connection {
  const { remoteAddress = '', remotePort = 0, encrypted } = (socket as Shown | undefined) ?? ({} as Partial<Shown>)
  return { address: remoteAddress, port: remotePort, encrypted: encrypted === true }
}

/**
 * A request that a peer has passed on shows the connection on which the peer had got it: so a framework's rules about
 * proxies, and all that looks at the client's address, decide as they would have there. One socket brings one request
 * after the other; the next has a connection of its own.
 */
export function showConnection({ socket, httpVersionMajor }: NodeRequest, from: Connection | undefined): void {
  const shown = socket as Shown
  if (httpVersionMajor > 1 || shown === undefined) return
  if (from === undefined) {
    if (shown[SHOWS])
      for (const name of [SHOWS, ...NAMES]) delete (shown as unknown as Record<PropertyKey, unknown>)[name]
    return
  }
  const { address, port, encrypted } = from
  const family = address === '' ? undefined : address.includes(':') ? 'IPv6' : 'IPv4'
  const values = [address || undefined, port || undefined, family, encrypted || undefined]
  for (const [i, name] of NAMES.entries()) {
    Object.defineProperty(shown, name, { value: values[i], configurable: true, enumerable: true, writable: true })
  }
  shown[SHOWS] = true
}

const NAMES = ['remoteAddress', 'remotePort', 'remoteFamily', 'encrypted'] as const
