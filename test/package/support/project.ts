import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './built.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Somebody's project: a copy of a folder of fixtures outside the repository, with packages installed as they would be. */
export interface Project {
  readonly dir: string
  install(...packages: string[]): Promise<void>
  /** Runs a file with node and reads the JSON that it prints. */
  run(file: string, env?: Record<string, string>): Promise<unknown>
  /** Runs node, in the project's folder or in another one. */
  node(args: readonly string[], env?: Record<string, string>, cwd?: string): Promise<Ran>
  /** Runs the TypeScript compiler with one of the project's configurations. */
  tsc(config: string): Promise<Ran>
  remove(): void
}

/** `name`: how the name of its folder begins. */
export function createProject(
  fixture: 'alone' | 'bundles' | 'express' | 'koa' | 'fastify' | 'hono' | 'drop-in' | 'drop-in-koa',
  name = `limpet-${fixture}-`,
): Project {
  const dir = mkdtempSync(join(tmpdir(), name))
  cpSync(fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url)), dir, { recursive: true })
  return {
    dir,
    install: async (...packages) => {
      const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
      expectSuccess(await execute('npm', ['install', ...flags, ...packages], dir))
    },
    run: async (file, env = {}) => {
      const { stdout } = expectSuccess(await execute(process.execPath, [file], dir, env))
      return JSON.parse(stdout)
    },
    node: (args, env = {}, cwd = dir) => execute(process.execPath, args, cwd, env),
    tsc: (config) =>
      execute(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', config], dir),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

/** `name@range`, with the range that this repository tests with, so that npm finds it in its cache. */
export function asTested(...names: string[]): string[] {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  return names.map((name) => `${name}@${devDependencies[name] ?? 'missing in devDependencies'}`)
}

/** A program that has not ended by itself after this has failed: `close()` must leave nothing running. */
const PATIENCE_MS = 120_000

function execute(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<Ran> {
  const { PATH, HOME, npm_config_cache, npm_config_registry } = process.env
  const inherited = { PATH, HOME, npm_config_cache, npm_config_registry }
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      { cwd, env: { ...inherited, ...env }, timeout: PATIENCE_MS, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
    )
  })
}

function expectSuccess(ran: Ran): Ran {
  if (ran.code !== 0) throw new Error(`ended with ${ran.code}\n${ran.stdout}\n${ran.stderr}`)
  return ran
}
