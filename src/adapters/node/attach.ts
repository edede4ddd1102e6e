import type { Duplex } from 'node:stream'
import { LimpetError } from '../../core/errors.ts'
import type { Raw } from '../../ports/misdirected.ts'
import { rawRequest } from './raw-request.ts'
import { addCookieToFirstWrite } from './upgrade.ts'
import type { Visits } from './visits.ts'
import { addCookieLast, type NodeRequest, type NodeResponse } from './write-head.ts'

/** A server of `node:http`, `node:https` or `node:http2`. */
export interface AttachableServer {
  emit(event: string, ...args: unknown[]): boolean
  address(): unknown
}

/** On the server, for all copies of this package: who is attached. */
const ATTACHED = Symbol.for('limpet.attached')

interface Attachment {
  readonly by: object
  readonly skips: boolean
}

type Attached = AttachableServer & { [ATTACHED]?: readonly Attachment[] }

export interface Attachments {
  readonly attach: (server: AttachableServer) => void
  /** Takes off again what was attached. */
  end(): void
}

export function createAttachments(
  visits: Visits,
  opened: (server: AttachableServer) => () => void = nothing,
): Attachments {
  const ends = new Set<() => void>()
  return {
    attach(server: Attached) {
      checkServer(server)
      const there = server[ATTACHED] ?? []
      if (there.some(({ by }) => by === visits.by)) return
      if (there.some(({ skips }) => !(skips && visits.skips))) throw second()
      const mine = { by: visits.by, skips: visits.skips }
      server[ATTACHED] = [...there, mine]
      const restore = intercept(server, visits)
      const ended = opened(server)
      ends.add(() => {
        server[ATTACHED] = server[ATTACHED]?.filter((one) => one !== mine) ?? []
        restore()
        ended()
      })
    },
    end() {
      for (const end of ends) end()
      ends.clear()
    },
  }
}

/**
 * Comes before all listeners of a server, whoever adds or removes them and when: engine.io takes those that it finds
 * away and calls them itself. So no listener of our own, but the function that calls them.
 */
function intercept(server: AttachableServer, visits: Visits): () => void {
  const own = Object.hasOwn(server, 'emit') ? server.emit : undefined
  let attached = true
  const emit = function emit(event: string, ...args: unknown[]): boolean {
    const away = attached && visits.passOn ? passOn(visits.passOn, event, args) : undefined
    if (away === undefined) return goOn(event, args)
    away.then(
      (isAnswered) => isAnswered || goOn(event, args),
      () => breakOff(args),
    )
    return true
  }
  function goOn(event: string, args: unknown[]): boolean {
    if (attached) see(visits, event, args)
    // Looked up each time: tools that trace a process may replace the one of all servers, later than this.
    const next: AttachableServer['emit'] = own ?? Object.getPrototypeOf(server).emit
    return next.call(server, event, ...args)
  }
  server.emit = emit
  return () => {
    // Whoever has wrapped it since keeps the way through.
    attached = false
    if (server.emit !== emit) return
    if (own) server.emit = own
    else delete (server as Partial<AttachableServer>).emit
  }
}

/** Undefined: nothing that another backend could have to answer. */
function passOn(
  pass: NonNullable<Visits['passOn']>,
  event: string,
  args: readonly unknown[],
): Promise<boolean> | undefined {
  const request = args[0] as NodeRequest
  switch (event) {
    case 'request':
    case 'checkContinue':
    case 'checkExpectation': {
      const response = args[1] as NodeResponse
      return pass(request, response, addCookieLast, () => rawRequest(request, response, event === 'checkContinue'))
    }
    case 'upgrade': {
      const [, socket, head] = args as [unknown, Duplex, Buffer]
      // Node has taken its listeners off, and an error that comes while the owner is looked for must find one.
      const onError = () => socket.destroy()
      const raw = () => {
        socket.on('error', onError)
        return { kind: 'upgrade', request, socket, head } as Raw
      }
      return pass(request, socket, addCookieToFirstWrite, raw)?.finally(() => socket.off('error', onError))
    }
    default:
      return undefined
  }
}

/** What cannot be passed on, for a reason that nobody has thought of, must not hang. */
function breakOff(args: readonly unknown[]): void {
  ;(args[1] as Duplex | NodeResponse).destroy()
}

function see(visits: Visits, event: string, args: readonly unknown[]): void {
  switch (event) {
    case 'request':
    case 'checkContinue':
    case 'checkExpectation':
      visits.take(args[0] as NodeRequest, args[1] as NodeResponse, addCookieLast)
      break
    case 'upgrade':
      visits.take(args[0] as NodeRequest, args[1] as Duplex, addCookieToFirstWrite)
  }
}

function nothing(): () => void {
  return () => undefined
}

/** Express and Koa applications emit events as well, so it is `address` that tells. */
function checkServer(server: unknown): void {
  const { emit, address } = (server ?? {}) as Partial<AttachableServer>
  if (typeof emit === 'function' && typeof address === 'function') return
  throw new LimpetError(
    'ERR_LIMPET_OPTIONS',
    'attach() takes the server, which app.listen() and http.createServer(app) return (in Fastify it is app.server), and not the application: ' +
      'write limpet.attach(server)',
  )
}

function second(): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_OPTIONS',
    'another sticky() is attached to this server, and every request would be for both: attach one of them; or give each a `skip` that ' +
      'leaves the requests of the other alone',
  )
}
