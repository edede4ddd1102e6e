import type { ServerResponse } from 'node:http'

type Response = Pick<ServerResponse, 'getHeaderNames' | 'getHeader' | 'setHeader' | 'removeHeader'>
type Pair = readonly [name: string, value: string]

/** Does to the response what writeHead would do with these headers: an object, a flat list, or a list of pairs. */
export function applyHeaders(response: Response, headers: unknown): void {
  if (Array.isArray(headers)) applyList(response, headers)
  else applyObject(response, Object.entries(headers as object))
}

function applyObject(response: Response, pairs: readonly Pair[]): void {
  const names = new Set(pairs.map(([name]) => name.toLowerCase()))
  if (names.size < pairs.length || names.has('')) applyOdd(response, pairs)
  else for (const [name, value] of pairs) response.setHeader(name, value)
}

/**
 * An object with a name in two spellings, or an empty one. Where nothing was set before, HTTP/1 sends both, and refuses
 * the empty one; else the last spelling counts, and the empty one nothing. But no cookie may get lost, however it is
 * spelled.
 */
function applyOdd(response: Response, pairs: readonly Pair[]): void {
  const isHttp1 = !('stream' in response)
  const isFirst = isHttp1 && response.getHeaderNames().length === 0
  const given = new Set<string>()
  for (const [name, value] of pairs) {
    if (name === '' && isHttp1 && !isFirst) continue
    const spelled = name.toLowerCase()
    if (given.has(spelled) && (isFirst || spelled === 'set-cookie')) addTo(response, name, value)
    else response.setHeader(name, value)
    given.add(spelled)
  }
}

/** A name that stands in a list replaces what was set before, and may stand there more than once. */
function applyList(response: Response, headers: readonly unknown[]): void {
  const pairs = Array.isArray(headers[0]) ? (headers as readonly Pair[]) : inPairs(headers)
  for (const [name] of pairs) response.removeHeader(name)
  for (const [name, value] of pairs) addTo(response, name, value)
}

function addTo(response: Response, name: string, value: string): void {
  const before = response.getHeader(name)
  response.setHeader(name, before === undefined ? value : [before, value].flat().map(String))
}

function inPairs(flat: readonly unknown[]): Pair[] {
  if (flat.length % 2 !== 0) {
    throw Object.assign(new TypeError("The argument 'headers' is invalid: a flat list needs a value for each name"), {
      code: 'ERR_INVALID_ARG_VALUE',
    })
  }
  const pairs: Pair[] = []
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i] as string, flat[i + 1] as string])
  return pairs
}
