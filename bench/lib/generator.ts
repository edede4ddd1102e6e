import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Load, saturate } from './load.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('wrk.lua', import.meta.url))

export interface Answered {
  readonly answers: number
  readonly seconds: number
  /** Microseconds, at saturation. */
  readonly p99: number
}

/** What keeps a server busy for whole seconds. */
export interface Generator {
  readonly name: 'wrk' | 'autocannon'
  saturate(load: Load, seconds: number): Promise<Answered>
}

const autocannon: Generator = {
  name: 'autocannon',
  saturate: async (load, seconds) => {
    const { answers, seconds: took, latencies } = await saturate(load, { seconds })
    return { answers, seconds: took, p99: latencies.getValueAtPercentile(99) }
  },
}

/** wrk looks at the status of an answer only; what the answers say is compared while Redis' commands are counted. */
const wrk: Generator = {
  name: 'wrk',
  saturate: async (load, seconds) => {
    const folder = mkdtempSync(join(tmpdir(), 'limpet-wrk-'))
    try {
      const cookies = join(folder, 'cookies')
      writeFileSync(cookies, (load.jars ?? []).map(({ header }) => `${header}\n`).join(''))
      const scripted = load.jars ? ['--', cookies, ...(load.renews ? ['renew'] : [])] : []
      const length = String(Math.max(1, Math.round(seconds)))
      const args = ['-t1', `-c${load.connections}`, `-d${length}s`, '-s', script, `${load.url}/`, ...scripted]
      const { stdout } = await run('wrk', args)
      const result = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Answered & { readonly errors: number }
      if (result.errors > 0) throw new Error(`${result.errors} of ${result.answers} answers were errors`)
      return result
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

/** wrk where it is installed: autocannon needs more CPU for a request than bare Koa does. */
export function generator(wanted: string | undefined): Generator {
  if (wanted !== undefined && wanted !== 'wrk' && wanted !== 'autocannon') {
    throw new Error(`--load must be wrk or autocannon, not "${wanted}"`)
  }
  if (wanted === 'autocannon') return autocannon
  if (isInstalled()) return wrk
  if (wanted === 'wrk') throw new Error('wrk is not installed: "apt-get install wrk"')
  process.stderr.write(
    'bench: wrk is not installed ("apt-get install wrk"), so the load comes from autocannon, which cannot keep bare Koa busy\n',
  )
  return autocannon
}

function isInstalled(): boolean {
  try {
    execFileSync('wrk', ['--version'], { stdio: 'ignore' })
    return true
  } catch (error) {
    // It prints its version and ends with 1.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}
