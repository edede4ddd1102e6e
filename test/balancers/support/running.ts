import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'
import type { Program } from './programs.ts'

/** Some are in the folders of the system's administrator. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin` }

/** A real balancer in the foreground, on a free port of the loopback, with a folder of its own. */
export class RunningBalancer {
  readonly port: number
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(port: number, child: ChildProcess, folder: string) {
    this.port = port
    this.#child = child
    this.#folder = folder
  }

  static async start(program: Program, backends: readonly number[]): Promise<RunningBalancer> {
    const port = await freePort()
    const folder = mkdtempSync(join(tmpdir(), 'limpet-balancer-'))
    // Its workers may be somebody else than who starts it.
    chmodSync(folder, 0o755)
    const file = join(folder, program.config)
    const example = withPorts(readFileSync(exampleOf(program), 'utf8'), [port, ...backends])
    writeFileSync(file, program.around?.(example, folder) ?? example)
    const child = spawn(program.command, program.args(folder, file, port), {
      cwd: folder,
      env: { ...env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const said: string[] = []
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => said.push(String(text)))
    const running = new RunningBalancer(port, child, folder)
    try {
      await until(() => child.exitCode !== null || listens(port), `${program.title} listens`)
      if (child.exitCode !== null) throw new Error('it ended at once')
    } catch (error) {
      await running.stop()
      throw new Error(`${program.title} did not start: ${said.join('').slice(-2000)}`, { cause: error })
    }
    return running
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 5000)
      await gone
      clearTimeout(late)
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

export function exampleOf({ config }: Program): string {
  return fileURLToPath(new URL(`../../../examples/balancers/${config}`, import.meta.url))
}

/** The example's ports, 8080 for the site and 3001, 3002, 3003 for the backends, become those that are free here. */
function withPorts(example: string, ports: readonly number[]): string {
  return ['8080', '3001', '3002', '3003'].reduce(
    (text, port, i) => text.replaceAll(new RegExp(`\\b${port}\\b`, 'g'), `${ports[i]}`),
    example,
  )
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** As `2.6.12`. Undefined: it is not installed. */
export function versionOf({ command, version }: Program): string | undefined {
  try {
    const said = execFileSync('sh', ['-c', `${command} ${version.join(' ')} 2>&1`], { env, encoding: 'utf8' })
    return /\d+\.\d+\.\d+/.exec(said)?.[0] ?? 'unknown'
  } catch {
    return undefined
  }
}
