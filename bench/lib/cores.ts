import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/**
 * The server has the first core to itself, with all of its threads (compiler, garbage collector); the load and Redis have
 * the others. Without this the kernel moves them about, and a server that uses a second core looks cheaper than it is.
 */
export interface Cores {
  readonly pinned: boolean
  /** What starts a program on the server's core. */
  serverCommand(program: string, args: readonly string[]): [string, string[]]
}

/** For what counts bytes instead of time. */
export const pinnedNowhere: Cores = { pinned: false, serverCommand: (program, args) => [program, [...args]] }

export function pinCores(): Cores {
  const count = availableParallelism()
  try {
    if (count < 2) throw new Error('one core')
    // -a: every thread of this process. What it starts later (Redis) inherits the mask.
    execFileSync('taskset', ['-acp', `1-${count - 1}`, String(process.pid)], { stdio: ['ignore', 'ignore', 'pipe'] })
    return { pinned: true, serverCommand: (program, args) => ['taskset', ['-c', '0', program, ...args]] }
  } catch {
    return pinnedNowhere
  }
}
