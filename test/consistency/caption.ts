import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import type { CliOptions } from './cli.ts'

/** Under which circumstances a table was made, as a sentence of the documentation. */
export function caption({ seconds, seed, targets }: CliOptions): string {
  const target = targets.length > 1 ? 'all' : targets[0]
  const made = `npm run check:consistency -- --seconds ${seconds} --seed ${seed} --target ${target} --markdown`
  const redis = /v=([\d.]+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1]
  const machine = `${availableParallelism()} cores, Node ${process.versions.node}, Redis ${redis ?? 'unknown'}`
  return `${new Date().toISOString().slice(0, 10)}, ${machine}, ${seconds} seconds for each library: \`${made}\``
}
