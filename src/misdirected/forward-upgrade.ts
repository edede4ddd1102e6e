import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Passed, Passing, Peer, Raw } from '../ports/misdirected.ts'
import { answer } from './answers.ts'
import { whenConnected } from './forward-http.ts'
import { urlOf } from './heads.ts'
import { CONNECT_WITHIN, type PeerConnections } from './peer-address.ts'
import { requestFields, responseFields } from './peer-headers.ts'

type RawUpgrade = Raw & { readonly kind: 'upgrade' }

/**
 * Takes an upgrade (a WebSocket, or any other protocol) to its owner; from the 101 on both ends speak to each other.
 */
export function forwardUpgrade(
  connections: PeerConnections,
  raw: RawUpgrade,
  peer: Peer,
  passing: Passing,
): Promise<Passed> {
  const { request, socket, head } = raw
  return new Promise((resolve) => {
    const upgrade = ['Connection', 'Upgrade', 'Upgrade', request.headers.upgrade ?? '']
    const upstream = connections.open(peer.url, {
      method: request.method,
      path: urlOf(request),
      headers: requestFields(request, passing, upgrade) as never,
      setHost: false,
    })
    let sent = false
    let status: number | undefined
    const connecting = setTimeout(() => upstream.destroy(new Error('no connection in time')), CONNECT_WITHIN)
    const over = (outcome: Passed['outcome']) => {
      clearTimeout(connecting)
      stay()
      socket.off('close', left)
      socket.off('error', left)
      resolve({ outcome, status })
    }
    const broken = (status: number) => {
      answer(raw, status, 'the backend that this request belongs to did not answer\n', {}, undefined)
      over('broken')
    }
    const gone = () => {
      if (sent && status === undefined) broken(504)
      upstream.destroy(new Error('the owner is gone'))
      if (status !== undefined) socket.destroy()
    }
    const left = () => {
      upstream.destroy()
      over(status === undefined ? 'aborted' : 'answered')
    }
    const stay = peer.gone.whenCome(gone)
    socket.once('close', left)
    // A client that is gone must not become an error that nobody hears.
    socket.once('error', left)
    whenConnected(upstream, () => {
      clearTimeout(connecting)
      sent = true
      upstream.end()
    })
    upstream.on('upgrade', (answer, peerSocket, first) => {
      status = answer.statusCode
      socket.write(headOf(answer, answer.rawHeaders))
      join(socket, peerSocket, head, first)
    })
    upstream.on('response', (answer) => {
      status = answer.statusCode
      refuse(socket, answer)
    })
    upstream.on('error', () => {
      if (!sent) over('unreachable')
      else if (status === undefined) broken(502)
    })
  })
}

/** What either end has sent already with its head, and all that follows. The end of one is the end of the other. */
function join(client: Duplex, peer: Duplex, fromClient: Buffer, fromPeer: Buffer): void {
  if (fromPeer.length > 0) client.write(fromPeer)
  if (fromClient.length > 0) peer.write(fromClient)
  for (const [one, other] of [
    [client, peer],
    [peer, client],
  ] as const) {
    one.on('error', () => other.destroy())
    one.on('close', () => other.destroy())
    one.pipe(other)
  }
}

/** The owner's refusal, whose end is that of the connection. */
function refuse(socket: Duplex, answer: IncomingMessage): void {
  const fields = responseFields(answer.rawHeaders, answer.headers.connection)
  socket.write(headOf(answer, [...fields, 'Connection', 'close']))
  answer.pipe(socket)
}

function headOf({ statusCode, statusMessage }: IncomingMessage, fields: readonly string[]): Buffer {
  let text = `HTTP/1.1 ${statusCode} ${statusMessage}\r\n`
  for (let i = 0; i + 1 < fields.length; i += 2) text += `${fields[i]}: ${fields[i + 1]}\r\n`
  return Buffer.from(`${text}\r\n`, 'latin1')
}
