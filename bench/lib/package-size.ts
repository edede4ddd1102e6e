import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface PackageSize {
  readonly name: string
  readonly bytes: number
  readonly files: number
}

/** The package as it is published, unpacked, and each package that is installed with it. */
export function packageSizes(): PackageSize[] {
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: process.platform === 'win32',
  })
  const [{ unpackedSize, entryCount }] = JSON.parse(packed) as [{ unpackedSize: number; entryCount: number }]
  return [{ name: 'limpet', bytes: unpackedSize, files: entryCount }, ...dependenciesOf(root)]
}

export function dependenciesOf(folder: string, seen = new Set<string>()): PackageSize[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
  }
  return Object.keys(manifest.dependencies ?? {}).flatMap((name) => {
    const found = installed(name, folder)
    if (seen.has(found)) return []
    seen.add(found)
    const files = filesOf(found)
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0)
    return [{ name, bytes, files: files.length }, ...dependenciesOf(found, seen)]
  })
}

function installed(name: string, from: string): string {
  const found = join(from, 'node_modules', name)
  if (existsSync(found)) return found
  if (dirname(from) === from) throw new Error(`${name} is not installed`)
  return installed(name, dirname(from))
}

/** Without the packages inside it: these are counted as what they are. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isFile()) return [join(folder, entry.name)]
    return entry.isDirectory() && entry.name !== 'node_modules' ? filesOf(join(folder, entry.name)) : []
  })
}
