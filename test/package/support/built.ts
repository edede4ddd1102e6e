import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The sign that a test process is building just now. One that died left it behind, hence the age. */
const lock = join(root, 'node_modules', '.limpet-building')
const STALE_AFTER_MS = 120_000

/** Builds dist if it is older than what it is made of. Several test files may ask at once: one builds, the others wait. */
export async function ensureBuilt(): Promise<void> {
  while (existsSync(lock) || !isFresh()) {
    if (!tryLock()) {
      await wait(200)
      continue
    }
    try {
      if (!isFresh()) build()
    } finally {
      rmSync(lock, { recursive: true, force: true })
    }
  }
}

function build(): void {
  execFileSync(join(root, 'node_modules', '.bin', 'tsup'), ['--silent'], { cwd: root, stdio: 'pipe' })
  if (!isFresh()) throw new Error('tsup ran, and dist is still older than src')
}

function isFresh(): boolean {
  const built = join(root, 'dist', 'index.d.cts')
  const sources = [join(root, 'src'), join(root, 'tsup.config.ts'), join(root, 'package.json')]
  return existsSync(built) && sources.every((path) => newest(path) <= statSync(built).mtimeMs)
}

function tryLock(): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch {
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    if (Date.now() - since > STALE_AFTER_MS) rmSync(lock, { recursive: true, force: true })
    return false
  }
}

function newest(path: string): number {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}
