import { LimpetError } from '../../core/errors.ts'

/**
 * The Cookie header. Throws `ERR_LIMPET_OPTIONS` for a request of the Fetch API, which has none for whoever looks for a
 * property: it would get a new session each time.
 */
export function cookieHeaderOf({
  headers,
}: {
  readonly headers: { readonly cookie?: string | undefined }
}): string | undefined {
  const { cookie } = headers
  // Not by a method `get`: node-mocks-http's headers have one beside their properties.
  if (cookie === undefined && Object.prototype.toString.call(headers) === '[object Headers]') {
    throw wrong(
      'this request is one of the Fetch API, and limpet takes those of node:http: pass { headers: Object.fromEntries(request.headers) }',
    )
  }
  return cookie
}

/**
 * What was wrong with a request or response that nobody got from a server (tests, sockets, wrappers). Undefined:
 * nothing that is known.
 */
export function misuse(request: unknown, response: unknown): LimpetError | undefined {
  if (!isObject(request)) {
    return wrong(
      'the middleware was called without a request: write app.use(sticky()), or limpet(request, response, next), or in Koa a context with req and res',
    )
  }
  const { headers } = request as { headers?: unknown }
  if (!isObject(headers)) {
    return wrong(
      'the request has no headers: pass one of node:http, or an object like { headers: { cookie } }, with the names in small letters',
    )
  }
  if (!isObject(response)) {
    return wrong('the middleware was called without a response: pass one of node:http, or {} where nothing is sent')
  }
  if (!Object.isExtensible(request) || !Object.isExtensible(response)) {
    return wrong(
      'the request or the response is frozen or sealed, and limpet leaves the session at request.sticky and a hook on the response: ' +
        'pass objects that can be changed, like Object.create(request)',
    )
  }
  if (Object.isFrozen(headers)) {
    return wrong(
      'the headers of the request are frozen, and limpet has to take one off: pass a copy, like { headers: { ...headers } }',
    )
  }
  return undefined
}

/** The same for a response whose head is about to be written. */
export function misuseOfHead(response: object): LimpetError | undefined {
  const missing = METHODS.filter((name) => typeof (response as Record<string, unknown>)[name] !== 'function')
  if (missing.length === 0) return undefined
  return wrong(
    `the response has no ${missing.join('(), ')}(), so no cookie can be put on it: pass one of node:http (light-my-request and node-mocks-http have them all), ` +
      'or {} where nothing is sent',
  )
}

const METHODS = ['getHeaderNames', 'getHeader', 'setHeader', 'removeHeader']

export function withoutNext(): LimpetError {
  return wrong(
    'the middleware was called without next: limpet(request, response, next) calls it when request.sticky is there',
  )
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function wrong(message: string): LimpetError {
  return new LimpetError('ERR_LIMPET_OPTIONS', message)
}
