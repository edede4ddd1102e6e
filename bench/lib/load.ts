import autocannon from 'autocannon'
import type { Histogram } from 'hdr-histogram-js'
import type { Jar } from './jar.ts'
import { newLatencies } from './latencies.ts'

export interface Load {
  readonly url: string
  readonly connections: number
  /** One per connection; without them the client stores nothing and every request is a first visit. */
  readonly jars: readonly Jar[] | undefined
  readonly expectedBody: string
  /** Each answer brings a cookie that the client's next request sends. */
  readonly renews?: boolean
}

/**
 * How long a load lasts. What is counted is counted over a number of requests, each of which is answered; a time cuts the last
 * ones off, and what they cause in Redis would be somebody else's.
 */
export type Length = { readonly seconds: number } | { readonly requests: number }

export interface LoadResult {
  readonly answers: number
  readonly seconds: number
  /** Microseconds. autocannon's own are in whole milliseconds, too coarse here. */
  readonly latencies: Histogram
}

/** As many requests as the server answers: each connection sends its next one when it has the answer to its last. */
export async function saturate(load: Load, length: Length): Promise<LoadResult> {
  const latencies = newLatencies()
  let connection = 0
  const start = performance.now()
  let last = start
  const result = await autocannon({
    url: load.url,
    connections: load.connections,
    ...('seconds' in length
      ? { duration: length.seconds }
      : { amount: Math.max(Math.round(length.requests), load.connections) }),
    expectBody: load.expectedBody,
    // autocannon looks only this often (ms) whether it is done.
    sampleInt: 50,
    setupClient: (client) => {
      const jar = load.jars?.[connection++ % load.jars.length]
      if (jar) keepCookies(client, jar)
      client.on('response', (_status, _bytes, milliseconds) => {
        last = performance.now()
        latencies.recordValue(Math.round(milliseconds * 1000))
      })
    },
  })
  const wrong = result.errors + result.timeouts + result.mismatches + result.non2xx
  if (wrong > 0) throw new Error(`${wrong} of ${result.requests.total} answers were errors or not what was asked for`)
  return { answers: latencies.totalCount, seconds: (last - start) / 1000, latencies }
}

function keepCookies(client: autocannon.Client, jar: Jar): void {
  client.setHeaders({ cookie: jar.header })
  // @types/autocannon has an object of headers here; what comes is the parser's result.
  client.on('headers', (parsed) => {
    const raw = parsed.headers as unknown as readonly string[]
    let changed = false
    for (let i = 0; i < raw.length; i += 2) {
      if (raw[i]?.toLowerCase() === 'set-cookie') changed = jar.absorb(raw[i + 1] ?? '') || changed
    }
    // In time for the connection's next request, which leaves when the body has been read.
    if (changed) client.setHeaders({ cookie: jar.header })
  })
}
