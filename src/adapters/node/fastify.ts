import type {} from 'fastify'
import { LimpetError } from '../../core/errors.ts'
import type { Exchange, Handle } from '../../ports/exchange.ts'
import type { Sticky } from '../../ports/sticky.ts'
import { refuse } from '../wrong-entry.ts'
import { createNodeHandle, type NodeHandle } from './handle.ts'
import { rawRequest } from './raw-request.ts'
import type { Speaker } from './secure.ts'
import { createVisits } from './visits.ts'
import { addCookieLast, type NodeRequest, type NodeResponse } from './write-head.ts'

/** What the plugin needs of a Fastify instance, whatever its version, server and logger. */
export interface PluggableInstance {
  addHook(name: string, hook: (...args: never[]) => unknown): unknown
  hasRequestDecorator(name: string): boolean
  decorateRequest(name: string, value: undefined): unknown
}

/**
 * A plugin for Fastify 4 and 5. It is for the whole instance that registers it, as with fastify-plugin, and
 * `app.close()` closes it.
 */
export interface StickyPlugin extends NodeHandle {
  (instance: PluggableInstance, options: object, done: (error?: Error) => void): void
}

declare module 'fastify' {
  interface FastifyRequest {
    sticky: Sticky
  }
}

interface Request {
  readonly raw: NodeRequest
  readonly protocol?: string
  sticky?: Sticky
}

interface Reply {
  readonly raw: NodeResponse
  hijack(): unknown
}

export function fastifyPlugin(exchange: Exchange, handle: Handle): StickyPlugin {
  const visits = createVisits(exchange)
  const nodeHandle = createNodeHandle(visits, exchange, handle)
  const open = new Set<PluggableInstance>()

  function onRequest(request: Request, reply: Reply, done: (error?: Error) => void): void {
    const speaker = new Protocol(request)
    const serve = () => {
      const found = visits.see(request.raw, reply.raw, addCookieLast, speaker)
      if (found !== undefined) request.sticky = found
      done()
    }
    const raw = () => rawRequest(request.raw, reply.raw)
    const away = visits.passOn?.(request.raw, reply.raw, addCookieLast, raw, speaker)
    if (away === undefined) serve()
    // Once it was answered elsewhere, Fastify must not answer as well, nor run another hook.
    else away.then((isAnswered) => (isAnswered ? void reply.hijack() : serve()), done)
  }

  function mount(instance: PluggableInstance): void {
    if (!instance.hasRequestDecorator('sticky')) instance.decorateRequest('sticky', undefined)
    instance.addHook('onRequest', onRequest)
    open.add(instance)
    instance.addHook('onClose', async () => {
      open.delete(instance)
      if (open.size === 0) await nodeHandle.close()
    })
  }

  const sticky = function sticky(instance: PluggableInstance, options: object, done: (error?: Error) => void): void {
    if (typeof instance?.addHook !== 'function') return void refuse('limpet/fastify', [instance, options])
    const misplaced = Object.keys(options ?? {}).filter((name) => !OF_FASTIFY.includes(name))
    if (misplaced.length === 0) mount(instance)
    done(misplaced.length > 0 ? misplacedOptions(misplaced) : undefined)
  }
  return Object.assign(sticky, nodeHandle, PLUGIN)
}

/**
 * What fastify-plugin would say: the hook and the decorator belong to the instance that registers it, not to one of its
 * own.
 */
const PLUGIN = {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'limpet',
  [Symbol.for('plugin-meta')]: { name: 'limpet', fastify: '>=4' },
}

/** Options of `register` itself. */
const OF_FASTIFY: readonly string[] = ['prefix', 'logLevel', 'logSerializers']

function misplacedOptions(names: readonly string[]): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_OPTIONS',
    `options of limpet go to sticky(), and register() got ${names.join(', ')}: write app.register(sticky({ ${names[0]} }))`,
  )
}

/** With `trustProxy` Fastify says `https` where a proxy that it believes says so. */
class Protocol implements Speaker {
  readonly #request: Request

  constructor(request: Request) {
    this.#request = request
  }

  get secure(): boolean | undefined {
    return this.#request.protocol?.toLowerCase() === 'https'
  }
}
