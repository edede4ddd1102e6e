import type { IncomingHttpHeaders } from 'node:http'
import { Pool } from 'undici'
import { urlOf } from '../misdirected/heads.ts'
import { CONNECT_WITHIN } from '../misdirected/peer-address.ts'
import { bodyOf } from '../misdirected/peer-headers.ts'
import type { Hop } from '../ports/misdirected.ts'
import { forwardByUndici } from './forward-undici.ts'

/** Milliseconds that an idle connection stays open at most, unless its peer says in `Keep-Alive` how long. */
const IDLE = 4000

/** Pools of peers that are gone are closed when there are more than so many. */
const MOST_POOLS = 64

/**
 * Passes requests on by undici, in about two thirds of the CPU time that `node:http` takes: `sticky({ misdirected: 'forward', hop:
 * undiciHop, ... })`. It takes requests without a body, which are most; all others, and upgrades, go by `node:http` as
 * before.
 */
export function undiciHop(): Hop {
  const pools = new Map<string, Pool>()
  return {
    // A body that undici cannot send to its end it destroys, and the client's connection must outlive that.
    takes: ({ request }) => bodyOf(request) === 'none' && isPlain(request.headers) && urlOf(request).startsWith('/'),
    forward: (raw, peer, passing) => forwardByUndici(poolFor(pools, peer.url), raw, peer, passing),
    close() {
      for (const pool of pools.values()) void pool.destroy()
      pools.clear()
    },
  }
}

function isPlain({ expect, te }: IncomingHttpHeaders): boolean {
  return expect === undefined && te === undefined
}

function poolFor(pools: Map<string, Pool>, url: string): Pool {
  const known = pools.get(url)
  if (known) return known
  if (pools.size >= MOST_POOLS) closeOldest(pools)
  const path = url.startsWith('unix:') ? { socketPath: url.slice('unix:'.length) } : {}
  const pool = new Pool('socketPath' in path ? 'http://localhost' : url, {
    ...path,
    connect: { timeout: CONNECT_WITHIN },
    keepAliveTimeout: IDLE,
    // How long an answer takes is its own affair: a long poll is no failure.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  pools.set(url, pool)
  return pool
}

/** It ends what is under way there in peace. */
function closeOldest(pools: Map<string, Pool>): void {
  const [oldest] = pools
  if (!oldest) return
  const [url, pool] = oldest
  pools.delete(url)
  void pool.close()
}
