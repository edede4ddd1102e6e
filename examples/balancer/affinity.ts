import { createHash } from 'node:crypto'

/** What the balancer writes about itself into a client's cookie: which backend, last seen, first seen. */
export interface Stamp {
  readonly key: string
  readonly lastSeen: number
  readonly firstSeen: number
}

/** The backends in turn. A backend is the origin of its URL. */
export class Ring {
  #backends: readonly string[] = []
  #turn = 0

  constructor(backends: readonly string[]) {
    this.set(backends)
  }

  set(backends: readonly string[]): void {
    this.#backends = backends.map((url) => new URL(url).origin)
  }

  /** The next in turn; never `except`, unless it is the only one. Nothing when there is no backend at all. */
  next(except?: string): string | undefined {
    for (let tried = 0; tried < this.#backends.length; tried++) {
      const backend = this.#backends[this.#turn++ % this.#backends.length]
      if (backend !== except) return backend
    }
    return this.#backends[0]
  }

  has(backend: string): boolean {
    return this.#backends.includes(backend)
  }

  /** The backend that a stamp names. */
  named(key: string): string | undefined {
    return this.#backends.find((backend) => keyOf(backend) === key)
  }
}

/** `md5|last-seen|first-seen`: the string is another one after every answered request. */
export function writeStamp(backend: string, now: number, firstSeen: number): string {
  return `${keyOf(backend)}|${now}|${firstSeen}`
}

/** Finds the stamp in a Cookie header. What an app wrote under the same name does not look like one: nothing. */
export function readStamp(header: string | undefined, cookie: string): Stamp | undefined {
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (pair.slice(0, at).trim() !== cookie) continue
    const found = /^([0-9a-f]{32})\|(\d+)\|(\d+)$/.exec(pair.slice(at + 1).trim())
    if (found) return { key: found[1] ?? '', lastSeen: Number(found[2]), firstSeen: Number(found[3]) }
  }
  return undefined
}

/** `name=value; attributes`, with another value where the name is `cookie`; other cookies stay as they are. */
export function rewrite(setCookie: string, cookie: string, value: string): string {
  if (!setCookie.startsWith(`${cookie}=`)) return setCookie
  const attributes = setCookie.indexOf(';')
  return `${cookie}=${value}${attributes < 0 ? '' : setCookie.slice(attributes)}`
}

function keyOf(backend: string): string {
  return createHash('md5').update(backend).digest('hex')
}
