import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../servers/import.mjs', import.meta.url))

export interface Imported {
  /** Milliseconds that `import` took. */
  readonly milliseconds: number
  /** Files of a Redis client that it loaded. */
  readonly clients: number
}

/** In a process of its own. */
export function importTime(node: string, name: string): Imported {
  const out = execFileSync(node, [program, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  return JSON.parse(out) as Imported
}
