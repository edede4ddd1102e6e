import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

export const frameworks = ['express', 'koa', 'fastify', 'hono'] as const
export type Framework = (typeof frameworks)[number]

/** What every backend of a test signs with. */
export const SECRET = 'one secret for all backends of a test'

const running = new Set<ChildProcess>()

/** For the end of a test, however it ended. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

export interface Shop {
  readonly url: string
  /** What it wrote so far, both streams together. */
  output(): string
  /** Sends SIGTERM, and resolves with how the process ended. */
  stop(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

/** One backend of an example as a process of its own, with this environment and nothing inherited but PATH. */
export async function startShop(framework: Framework, env: Record<string, string> = {}): Promise<Shop> {
  // What `npm start` runs, where it runs.
  const child = spawn(process.execPath, ['--import', 'tsx', 'app.ts'], {
    cwd: `${root}examples/${framework}`,
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => {
      running.delete(child)
      resolve({ code, signal })
    })
  })
  const { port, output } = await portOf(child)
  return {
    url: `http://127.0.0.1:${port}`,
    output,
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}

function portOf(child: ChildProcess): Promise<{ port: string; output: () => string }> {
  let text = ''
  const output = () => text
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface(stream).on('line', (line) => {
        text += `${line}\n`
        const port = /http:\/\/localhost:(\d+)/.exec(line)?.[1]
        if (port) resolve({ port, output })
      })
    }
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it listened:\n${text}`)))
  })
}
