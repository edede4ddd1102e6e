import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt, root } from './built.ts'

export interface Tarball {
  /** Where the .tgz lies. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Paths inside the package. */
  readonly files: readonly string[]
  remove(): void
}

/** What `npm publish` would send, in a folder of its own. */
export async function pack(): Promise<Tarball> {
  await ensureBuilt()
  const folder = mkdtempSync(join(tmpdir(), 'limpet-pack-'))
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder]
  const answer: unknown = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }))
  const [packed] = answer as { filename: string; size: number; files: { path: string }[] }[]
  if (!packed) throw new Error('npm pack named no tarball')
  return {
    path: join(folder, packed.filename),
    size: packed.size,
    files: packed.files.map(({ path }) => path),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
