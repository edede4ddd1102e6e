import { isDeepStrictEqual } from 'node:util'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import type { Contender } from './contenders.ts'
import { type Problem, problem } from './problem.ts'
import type { Expected } from './shape.ts'
import { type Lines, type Received, valuesOf } from './wire/types.ts'

const nameOf = (setCookie: string) => (/^[^=;]*/.exec(setCookie)?.[0] ?? '').trim()

/** `name=value` of the one cookie with this name; undefined when there is none. */
export function cookieNamed(response: Received, name: string): string | undefined {
  const line = valuesOf(response.headers, 'Set-Cookie').find((value) => nameOf(value) === name)
  return line === undefined ? undefined : (/^[^;]*/.exec(line)?.[0] ?? '')
}

/** Holds one response to what the row expects of it. */
export function judge(response: Received, expected: Expected, contender: Contender): Problem[] {
  const { status, headers, trailers, body } = expected
  if (response.status !== status)
    return [problem(`status ${response.status}`, `status ${response.status} instead of ${status}`)]
  const own = [contender.cookie, ...contender.companions]
  const others = valuesOf(response.headers, 'Set-Cookie').filter((value) => !own.includes(nameOf(value)))
  const early = response.informational.map((one) => one.status)
  const text = decoded(response)
  return [
    ...judgeOurs(response, expected, contender),
    ...compare("app's cookies", others, expected.cookies ?? []),
    ...compare('cut off', response.cut, expected.cut ?? false),
    ...compare('informational', early, expected.informational ?? []),
    ...Object.entries(headers ?? {}).flatMap(([name, values]) =>
      compare(name, valuesOf(response.headers, name), values),
    ),
    ...Object.entries(trailers ?? {}).flatMap(([name, values]) =>
      compare(name, valuesOf(response.trailers, name), values),
    ),
    ...(expected.reason ? compare('reason', response.statusLine, `HTTP/1.1 ${status} ${expected.reason}`) : []),
    ...(typeof body === 'string' ? compare('body', shorten(text), shorten(body)) : []),
    ...(body instanceof RegExp && !body.test(text) ? [problem('body', `body: ${shorten(text)}`)] : []),
  ]
}

function compare(what: string, is: unknown, should: unknown): Problem[] {
  if (isDeepStrictEqual(is, should)) return []
  return [problem(what, `${what}: ${JSON.stringify(is)} instead of ${JSON.stringify(should)}`)]
}

function judgeOurs(response: Received, expected: Expected, { cookie }: Contender): Problem[] {
  const count = (lines: Lines) => valuesOf(lines, 'Set-Cookie').filter((value) => nameOf(value) === cookie).length
  const problems = response.informational
    .filter((one) => count(one.headers) > 0)
    .map((one) => problem(`cookie on ${one.status}`))
  if (count(response.trailers) > 0) problems.push(problem('cookie in trailers'))
  const found = count(response.headers)
  const wanted = expected.ours === 'none' ? 0 : 1
  if (found === wanted) return problems
  return [
    ...problems,
    problem(found === 0 ? 'no cookie' : `${found} cookies`, `${found} cookies named ${cookie}, not ${wanted}`),
  ]
}

/** The hint comes exactly when the session cookie does, to a client which had none. Only the last request brings cookies. */
export function judgeHint(response: Received, { ours }: Expected, { hint }: Contender, cameBack: boolean): Problem[] {
  if (hint === undefined) return []
  const named = (lines: Lines) => valuesOf(lines, 'Set-Cookie').filter((value) => nameOf(value) === nameOf(hint))
  const found = named(response.headers).map((value) => /^[^;]*/.exec(value)?.[0])
  const early = [...response.informational.flatMap((one) => named(one.headers)), ...named(response.trailers)]
  const wanted = ours === 'none' || cameBack ? [] : [hint]
  return [...compare('hint', found, wanted), ...compare('hint on another head', early, [])]
}

/** The response without the session cookies and the clock: equal to another one exactly when nothing else differs. */
export function withoutSession(response: Received, contender: Contender, mayChange: readonly string[]) {
  const ignored = ['date', ...mayChange.map((name) => name.toLowerCase())]
  const own = [contender.cookie, ...contender.companions]
  const isOurs = (name: string, value: string) => name === 'set-cookie' && own.includes(nameOf(value))
  const headers = response.headers
    .map(([name, value]): [string, string] => [/^set-cookie$/i.test(name) ? 'set-cookie' : name, value])
    .filter(([name, value]) => !ignored.includes(name.toLowerCase()) && !isOurs(name, value))
    .map(([name, value]) => `${name}: ${value}`)
    .sort()
  const { statusLine, trailers } = response
  return { statusLine, headers, trailers, body: response.body.toString('base64') }
}

function decoded(response: Received): string {
  const [coding] = valuesOf(response.headers, 'Content-Encoding')
  if (coding === 'gzip') return gunzipSync(response.body).toString()
  if (coding === 'br') return brotliDecompressSync(response.body).toString()
  return response.body.toString()
}

const shorten = (text: string) => (text.length > 200 ? `${text.slice(0, 100)}... (${text.length} characters)` : text)
