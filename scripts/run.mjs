// What `npm run demo`, `npm test` and their friends start. Plain JavaScript on purpose: it runs before node_modules
// exists, and its first job is to make everything that the task needs.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [task, ...rest] = process.argv.slice(2)

/** What the system has to bring along: any of these names, the Debian package that has it, and what it is for. */
const redisServer = {
  names: ['redis-server'],
  debian: 'redis-server',
  why: 'the tests and benches talk to a real Redis',
}
const chromium = {
  names: ['chromium', 'chromium-browser', 'google-chrome'],
  debian: 'chromium',
  why: 'the demo page is tested in a real browser',
}
const faketime = { names: ['faketime'], debian: 'faketime', why: 'the tests set the clock of a Redis' }
/** Real load balancers; each is started by the tests, with a configuration of their own. */
const balancers = [
  ['haproxy', 'haproxy'],
  ['nginx', 'nginx'],
  ['apache2', 'apache2-bin'],
  ['caddy', 'caddy'],
  ['varnishd', 'varnish'],
  ['lighttpd', 'lighttpd'],
].map(([name, debian]) => ({ names: [name], debian, why: 'the tests run real load balancers' }))

/**
 * Each task: the programs that it cannot do without, what else it needs, then the commands, as argument lists for the
 * binaries in node_modules.
 */
const lint = [
  ['biome', 'check', '--error-on-warnings', '.'],
  ['tsc', '--noEmit'],
  // Applications of their own, each with its own idea of what a session holds.
  ...['express', 'koa', 'fastify', 'hono', 'custom-store'].map((example) => [
    'tsc',
    '--noEmit',
    '-p',
    `examples/${example}`,
  ]),
]

const tasks = {
  demo: { needs: [deps, build], commands: [['tsx', 'examples/demo/main.ts', ...rest]] },
  test: {
    programs: [redisServer, chromium, faketime, ...balancers],
    needs: [deps, build],
    commands: [
      ['biome', 'check', '--error-on-warnings', '.'],
      ['tsc', '--noEmit'],
      ['vitest', 'run', ...rest],
    ],
  },
  lint: { needs: [deps, build], commands: lint },
  'test:unit': { needs: [deps], commands: [['vitest', 'run', '--project', 'unit', ...rest]] },
  'test:nodes': {
    programs: [redisServer, faketime],
    needs: [deps, build],
    commands: [['tsx', 'test/nodes/main.ts', ...rest]],
  },
  balancers: {
    programs: [redisServer, ...balancers],
    needs: [deps],
    commands: [['tsx', 'test/balancers/print.ts', ...rest]],
  },
  faults: {
    programs: [redisServer],
    needs: [deps],
    commands: [['vitest', 'run', 'test/forward/faults.test.ts', ...rest, '-u']],
  },
  shapes: { needs: [deps], commands: [['tsx', 'test/shapes/print.ts', ...rest]] },
  bench: { programs: [redisServer], needs: [deps, build, wrk], commands: [['tsx', 'bench/requests.ts', ...rest]] },
  'bench:memory': { programs: [redisServer], needs: [deps, build], commands: [['tsx', 'bench/memory.ts', ...rest]] },
  'bench:scale': { programs: [redisServer], needs: [deps], commands: [['tsx', 'bench/scale.ts', ...rest]] },
  'bench:forward': {
    programs: [redisServer],
    needs: [deps, build, wrk],
    commands: [['tsx', 'bench/forward.ts', ...rest]],
  },
  'bench:start': { needs: [deps, build], commands: [['tsx', 'bench/start.ts', ...rest]] },
  'bench:docs': { programs: [redisServer], needs: [deps, build, wrk], commands: docs() },
  'bench:profile': {
    programs: [redisServer],
    needs: [deps, build, wrk],
    commands: [['tsx', 'bench/profile.ts', ...rest]],
  },
  'check:consistency': {
    programs: [redisServer],
    needs: [deps, build],
    commands: [['tsx', 'test/consistency/main.ts', ...rest]],
  },
  'check:simulation': { needs: [deps], commands: [['tsx', 'test/simulation/main.ts', ...rest]] },
}

/** Every table in docs, by one command. What else is on the command line is for the longest of them. */
function docs() {
  const others = ['memory', 'start', 'scale'].map((name) => ['tsx', `bench/${name}.ts`, '--docs'])
  return [...others, ['tsx', 'bench/requests.ts', '--docs', ...rest]]
}

const chosen = tasks[task]
if (!chosen) fail(`unknown task "${task}". One of: ${Object.keys(tasks).join(', ')}`)
provide(chosen.programs ?? [])
for (const need of chosen.needs) need()
for (const [bin, ...args] of chosen.commands) {
  const path = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`
  const { status, error } = spawnSync(bin, args, { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } })
  if (error) fail(error.message)
  if (status !== 0) process.exit(status ?? 1)
}

function deps() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs) return
  step('installing the packages (npm ci)')
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
}

function build() {
  const built = join(root, 'dist', 'index.d.cts')
  const sources = [join(root, 'src'), join(root, 'tsup.config.ts'), join(root, 'package.json')]
  if (existsSync(built) && sources.every((path) => newest(path) <= statSync(built).mtimeMs)) return
  step('building the library (tsup)')
  run(join(root, 'node_modules', '.bin', 'tsup'), ['--silent'])
}

/** Welcome, not needed: without it the load comes from a package that is here anyway, and the bench says so. */
function wrk() {
  const program = { names: ['wrk'], debian: 'wrk', why: 'the bench needs load that can keep a bare framework busy' }
  if (canInstall()) provide([program])
}

/** Installs what is not on the PATH, where that is possible; else says at once, and of all of them, what to install. */
function provide(programs) {
  const missing = programs.filter(({ names }) => !names.some(isThere))
  if (missing.length === 0) return
  const packages = missing.map(({ debian }) => debian)
  if (!canInstall()) failForLackOf(missing)
  step(`installing ${missing.map(({ debian, why }) => `${debian} (${why})`).join(', ')}`)
  try {
    apt(['update', '-qq'])
    apt(['install', '-y', '-qq', '--no-install-recommends', ...packages])
  } catch {
    failForLackOf(missing, 'apt-get could not do it: ')
  }
}

function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  withoutServices(() => execFileSync('apt-get', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env }))
}

/** A package that starts a service would take the port of one that runs already: this is how Debian is told not to. */
function withoutServices(install) {
  const policy = '/usr/sbin/policy-rc.d'
  if (existsSync(policy)) return install()
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    install()
  } finally {
    rmSync(policy)
  }
}

function failForLackOf(missing, before = '') {
  const all = missing.map(({ names, why }) => `${names[0]} is missing (${why})`).join('; ')
  const packages = missing.map(({ debian }) => debian).join(' ')
  fail(`${all}: ${before}install ${missing.length > 1 ? 'them' : 'it'}, for example with "apt-get install ${packages}"`)
}

function canInstall() {
  return process.getuid?.() === 0 && isThere('apt-get')
}

function isThere(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)))
}

function run(command, args) {
  try {
    execFileSync(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  } catch (error) {
    fail(`"${command} ${args.join(' ')}" failed: ${error.message}`)
  }
}

function newest(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

function step(what) {
  process.stderr.write(`limpet: ${what}\n`)
}

function fail(why) {
  process.stderr.write(`limpet: ${why}\n`)
  process.exit(1)
}
