// What `npm run demo`, `npm test` and their friends start. Plain JavaScript on purpose: it runs before node_modules
// exists, and its first job is to make everything that the task needs.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [task, ...rest] = process.argv.slice(2)

/** Each task: what it needs, then the commands, as argument lists for the binaries in node_modules. */
const lint = [
  ['biome', 'check', '--error-on-warnings', '.'],
  ['tsc', '--noEmit'],
  // Applications of their own, each with its own idea of what a session holds.
  ...['express', 'koa', 'custom-store'].map((example) => ['tsc', '--noEmit', '-p', `examples/${example}`]),
]

const tasks = {
  demo: { needs: [deps, build], commands: [['tsx', 'examples/demo/main.ts', ...rest]] },
  test: {
    needs: [deps, build, redisServer, chromium, faketime],
    commands: [
      ['biome', 'check', '--error-on-warnings', '.'],
      ['tsc', '--noEmit'],
      ['vitest', 'run', ...rest],
    ],
  },
  lint: { needs: [deps, build], commands: lint },
  'test:unit': { needs: [deps], commands: [['vitest', 'run', '--project', 'unit', ...rest]] },
  shapes: { needs: [deps], commands: [['tsx', 'test/shapes/print.ts', ...rest]] },
  bench: { needs: [deps, build, redisServer, wrk], commands: [['tsx', 'bench/requests.ts', ...rest]] },
  'bench:memory': { needs: [deps, build, redisServer], commands: [['tsx', 'bench/memory.ts', ...rest]] },
  'bench:scale': { needs: [deps, redisServer], commands: [['tsx', 'bench/scale.ts', ...rest]] },
  'bench:start': { needs: [deps, build], commands: [['tsx', 'bench/start.ts', ...rest]] },
  'bench:docs': { needs: [deps, build, redisServer, wrk], commands: docs() },
  'bench:profile': { needs: [deps, build, redisServer, wrk], commands: [['tsx', 'bench/profile.ts', ...rest]] },
  'check:consistency': {
    needs: [deps, build, redisServer],
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

function redisServer() {
  binary(['redis-server'], 'redis-server', 'the tests and benches talk to a real Redis')
}

function chromium() {
  binary(['chromium', 'chromium-browser', 'google-chrome'], 'chromium', 'the demo page is tested in a real browser')
}

function faketime() {
  binary(['faketime'], 'faketime', 'the tests set the clock of a Redis')
}

/** Welcome, not needed: without it the load comes from a package that is here anyway, and the bench says so. */
function wrk() {
  const canInstall = process.getuid?.() === 0 && isThere('apt-get')
  if (canInstall) binary(['wrk'], 'wrk', 'the bench needs load that can keep a bare framework busy')
}

/** Finds one of `names` on the PATH; installs `debianPackage` where that is possible; else says what to install. */
function binary(names, debianPackage, why) {
  if (names.some(isThere)) return
  const canInstall = process.getuid?.() === 0 && isThere('apt-get')
  if (!canInstall)
    fail(`${names[0]} is missing (${why}): install it, for example with "apt-get install ${debianPackage}"`)
  step(`installing ${debianPackage} (${why})`)
  run('apt-get', ['update', '-qq'])
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', debianPackage], {
    DEBIAN_FRONTEND: 'noninteractive',
    // A package that starts a service would take the port of one that runs already.
    RUNLEVEL: '1',
  })
}

function isThere(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)))
}

function run(command, args, env = {}) {
  try {
    execFileSync(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...env } })
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
