import { readFileSync } from 'node:fs'
import nodeModule from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Attempt, PeerName } from './missing.ts'

// For ES modules. The CommonJS build has peers.cts in the place of this file.

/**
 * Tries to load an optional peer. The names stand there as they are, inside of `try`, so that bundlers see them and may
 * do without one.
 */
export async function loadPeer(name: PeerName): Promise<Attempt> {
  try {
    return { module: name === 'ioredis' ? await import('ioredis') : await import('redis') }
  } catch (error) {
    return { error }
  }
}

/**
 * Before anything is loaded: is it sure that no peer is there? In a bundle it never is: this file is not where the
 * package is.
 */
export function isCertainlyMissing(): boolean {
  try {
    const here = fileURLToPath(import.meta.url)
    const { name } = JSON.parse(readFileSync(join(dirname(here), '..', 'package.json'), 'utf8'))
    return name === 'limpet' && !isResolved(here, 'ioredis') && !isResolved(here, 'redis')
  } catch {
    return false
  }
}

function isResolved(from: string, name: PeerName): boolean {
  try {
    // Not by a name of its own: bundles begin with an `import { createRequire }` of somebody else's.
    return nodeModule.createRequire(from).resolve(name) !== ''
  } catch {
    return false
  }
}
