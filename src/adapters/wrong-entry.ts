import { LimpetError } from '../core/errors.ts'

/** How each entry is mounted, and what for. */
const ENTRIES = {
  limpet: { one: 'Express, Connect or node:http', all: 'Express, Connect and node:http', how: 'app.use(sticky())' },
  'limpet/koa': { one: 'Koa', all: 'Koa', how: 'app.use(sticky())' },
  'limpet/fastify': { one: 'Fastify', all: 'Fastify', how: 'await app.register(sticky())' },
  'limpet/hono': { one: 'Hono', all: 'Hono', how: 'app.use(sticky())' },
}

type Entry = keyof typeof ENTRIES

/**
 * For the sticky of one framework in the application of another, told by the arguments it is called with. Not earlier:
 * what frameworks read of a function that is mounted, monitors and loggers read as well. Throws `otherwise` when the
 * framework is the right one. Fastify alone gets a rejection: there a throw would end the process.
 */
export function refuse(mine: Entry, called: readonly unknown[], otherwise?: unknown): Promise<never> {
  const right = entryFor(called)
  if (right === mine && otherwise !== undefined) throw otherwise
  const error = new LimpetError(
    'ERR_LIMPET_OPTIONS',
    `this sticky() is for ${ENTRIES[mine].all}, and was given to ${ENTRIES[right].one}: import { sticky } from '${right}', ` +
      `and write ${ENTRIES[right].how}`,
  )
  if (right === 'limpet/fastify') return Promise.reject(error)
  throw error
}

/**
 * Fastify calls with its instance; Koa and Hono with a context and `next`; Express with a request, a response and
 * `next`.
 */
function entryFor([first, second]: readonly unknown[]): Entry {
  if (hasFunction(first, 'addHook')) return 'limpet/fastify'
  if (typeof second !== 'function') return 'limpet'
  return hasFunction(first, 'newResponse') ? 'limpet/hono' : 'limpet/koa'
}

function hasFunction(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, name) === 'function'
}
