import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

export interface Ended {
  /** Null: it had to be ended. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a script in a Node of its own that sees the package as a user does, and waits for it to end by itself. */
export function runScript(script: string, env: Record<string, string> = {}, commonjs = false): Promise<Ended> {
  const type = commonjs ? 'commonjs' : 'module'
  const child = spawn(process.execPath, [`--input-type=${type}`, '-e', script], {
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      out[name] += chunk.toString()
    })
  }
  const impatience = setTimeout(() => child.kill(), 20_000)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(impatience)
      resolve({ code, ...out })
    })
  })
}
