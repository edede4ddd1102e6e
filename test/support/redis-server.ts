import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RedisServer {
  readonly port: number
  readonly url: string
  readonly pid: number
  readonly dir: string
  readonly args: readonly string[]
  /** SIGSTOP and SIGCONT: a Redis that accepts connections and answers nothing. */
  pause(): void
  resume(): void
  /** Ends the process (default SIGKILL: nothing more is written) and resolves when it is gone. The folder stays. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port, in the same folder. */
  restart(extraArgs?: readonly string[]): Promise<void>
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

/** A port that was free a moment ago, on the loopback. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}

/**
 * A real redis-server of one's own: a free port of the loopback, its own folder, nothing on disk unless asked for. `envIn` may add to its
 * environment, and put files into the folder.
 */
export async function startRedis(
  args: readonly string[] = [],
  binary = 'redis-server',
  envIn: (dir: string) => Record<string, string> = () => ({}),
): Promise<RedisServer> {
  const port = await freePort()
  const dir = mkdtempSync(join(tmpdir(), 'limpet-redis-'))
  const env = { ...process.env, ...envIn(dir) }
  let child = await launch(binary, port, dir, args, env)
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    const gone = new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve()
      else child.once('exit', () => resolve())
    })
    child.kill('SIGCONT')
    child.kill(signal)
    await gone
  }
  return {
    port,
    dir,
    args,
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return child.pid ?? -1
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill,
    restart: async (extraArgs = []) => {
      await kill('SIGKILL')
      child = await launch(binary, port, dir, [...args, ...extraArgs], env)
    },
    stop: async () => {
      await kill('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function launch(
  binary: string,
  port: number,
  dir: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<ChildProcess> {
  const all = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no', ...args]
  const child = spawn(binary, all, { stdio: ['ignore', 'pipe', 'pipe'], env })
  let log = ''
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      log += chunk.toString()
      if (/Ready to accept connections|Running mode=sentinel/.test(log)) resolve()
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${binary} ended with ${code} before it was ready:\n${log}`)))
  })
  child.stdout?.removeAllListeners('data').resume()
  child.stderr?.removeAllListeners('data').resume()
  return child
}
