import { createHash } from 'node:crypto'
import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import { isIPv6, type LookupFunction } from 'node:net'
import { Trouble } from '../trouble.ts'
import type { Settings } from './settings.ts'

/** What came back: the head, and a digest of the body. */
export interface Reply {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | undefined
  /** Milliseconds until the head. */
  readonly took: number
}

/** Bytes of a body that are read. A larger page is not asked for forty times. */
export const MOST_BYTES = 5_000_000

/** One request on a connection of its own: what a balancer keeps for a connection must not hide what it does. */
export function ask(
  method: 'GET' | 'HEAD',
  url: URL,
  headers: Readonly<Record<string, string>>,
  settings: Settings,
): Promise<Reply> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const outgoing = open(method, url, headers, settings)
    const slow = Object.assign(new Error('slow'), { code: 'ERR_LIMPET_SLOW' })
    const timer = setTimeout(() => outgoing.destroy(slow), settings.requestTimeout)
    const end = (settle: () => void) => {
      clearTimeout(timer)
      settle()
      outgoing.destroy()
    }
    outgoing.once('error', (error) => end(() => reject(error)))
    outgoing.once('upgrade', (answer, socket) => {
      socket.on('error', () => undefined)
      end(() => resolve({ ...headOf(answer), body: undefined, took: performance.now() - began }))
      socket.destroy()
    })
    outgoing.once('response', (answer) => {
      const took = performance.now() - began
      digestOf(answer).then(
        (body) => end(() => resolve({ ...headOf(answer), body, took })),
        (error: unknown) => end(() => reject(error)),
      )
    })
    outgoing.end()
  })
}

function open(
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  { insecure, resolve, signal }: Settings,
): ClientRequest {
  const options = {
    method,
    headers,
    signal,
    agent: false as const,
    maxHeaderSize: 262_144,
    rejectUnauthorized: !insecure,
    ...(resolve === undefined ? {} : { lookup: lookupOf(resolve) }),
  }
  return url.protocol === 'https:' ? secureRequest(url, options) : plainRequest(url, options)
}

/** Every name is at this address. */
function lookupOf(address: string): LookupFunction {
  const family = isIPv6(address) ? 6 : 4
  return (_name, options, callback) => {
    if (options.all) callback(null, [{ address, family }])
    else callback(null, address, family)
  }
}

function headOf({ statusCode = 0, rawHeaders }: IncomingMessage): Pick<Reply, 'status' | 'headers'> {
  const headers = rawHeaders.flatMap((name, at): (readonly [string, string])[] =>
    at % 2 === 0 ? [[name.toLowerCase(), rawHeaders[at + 1] ?? '']] : [],
  )
  return { status: statusCode, headers }
}

async function digestOf(answer: IncomingMessage): Promise<string | undefined> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) {
      throw new Trouble(`the answer is larger than ${MOST_BYTES / 1_000_000} MB: name a smaller page of the site`)
    }
    hash.update(chunk)
  }
  return bytes === 0 ? undefined : hash.digest('base64url').slice(0, 12)
}
