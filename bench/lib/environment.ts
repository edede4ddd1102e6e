import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'

export interface Environment {
  readonly date: string
  readonly cores: number
  readonly cpu: string
  readonly node: string
  readonly redis: string
  readonly packages: Readonly<Record<string, string>>
  readonly command: string
}

const measured = ['express', 'koa', 'express-session', 'connect-redis', 'koa-session', 'ioredis']

export function environment(script: string, args: readonly string[], node: string): Environment {
  const redis = execFileSync('redis-server', ['--version'], { encoding: 'utf8' })
  return {
    date: new Date().toISOString().slice(0, 10),
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    node: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().slice(1),
    redis: /v=(\S+)/.exec(redis)?.[1] ?? 'unknown',
    packages: Object.fromEntries(measured.map((name) => [name, versionOf(name)])),
    command: ['npm run', script, ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
  }
}

/** One line for under a table. */
export function describe({ date, cores, cpu, node, redis, packages }: Environment): string {
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  return `${date}, ${cores} cores (${cpu}), Node ${node}, Redis ${redis}; ${versions.join(', ')}`
}

/** Not every package exports its package.json: look for it above its entry. */
function versionOf(name: string): string {
  let folder = dirname(createRequire(import.meta.url).resolve(name))
  for (;;) {
    try {
      const found = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name?: string
        version?: string
      }
      if (found.name === name && found.version) return found.version
    } catch {
      // No package.json in this folder.
    }
    if (dirname(folder) === folder) return 'unknown'
    folder = dirname(folder)
  }
}
