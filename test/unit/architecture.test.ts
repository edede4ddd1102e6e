import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

/** The folders of src, and what each may import: folders, `values` of packages, and packages by `import type` alone. */
interface Rule {
  readonly folders: readonly string[]
  readonly values: readonly string[]
  readonly types: readonly string[]
}

const RULES: Readonly<Record<string, Rule>> = {
  core: { folders: [], values: ['node:crypto', 'cookie', 'cookie-signature'], types: [] },
  ports: { folders: ['core'], values: [], types: ['node:http', 'node:http2', 'node:stream'] },
  config: { folders: ['core', 'ports'], values: ['ms'], types: [] },
  /** How long somebody waits, judged by whether the event loop was free: the one place that reads the steady clock for it. */
  deadline: { folders: [], values: [], types: [] },
  'engine/process': { folders: ['core', 'ports', 'deadline'], values: ['lru-cache', 'cockatiel'], types: [] },
  'engine/request': { folders: ['engine', 'engine/process', 'core', 'ports'], values: [], types: [] },
  'engine/outside': {
    folders: ['engine', 'engine/process', 'engine/request', 'core', 'ports'],
    values: [],
    types: [],
  },
  engine: { folders: ['engine/process', 'engine/request', 'core', 'ports', 'config'], values: [], types: [] },
  memory: { folders: ['ports', 'core', 'config'], values: ['lru-cache'], types: [] },
  redis: {
    folders: ['ports', 'core', 'config', 'deadline'],
    values: ['node:crypto'],
    types: ['ioredis', 'redis'],
  },
  /** The hop between backends: one file for each policy. */
  misdirected: { folders: ['ports', 'core'], values: ['node:http', 'node:https'], types: ['node:http', 'node:stream'] },
  /** Looks at sites from outside: it must judge the wire, and not agree with the rest. */
  doctor: {
    folders: ['core'],
    values: [
      'ms',
      'node:crypto',
      'node:fs/promises',
      'node:http',
      'node:https',
      'node:net',
      'node:path',
      'node:timers/promises',
      'node:util',
      'tough-cookie',
    ],
    types: [],
  },
  /** The command line: argv, doctor, exit code. */
  cli: { folders: ['doctor'], values: ['node:fs'], types: [] },
  /** `limpet/undici`: another way for a hop. */
  'hop-undici': { folders: ['misdirected', 'ports', 'core'], values: ['undici'], types: ['node:http'] },
  testing: { folders: ['ports', 'core'], values: ['node:assert', 'node:assert/strict'], types: [] },
  /** `limpet/metrics`: it knows events, and nothing of what makes them. */
  metrics: { folders: ['ports', 'core'], values: ['node:diagnostics_channel', 'prom-client'], types: [] },
  /** `limpet/opentelemetry`: it follows hops. */
  opentelemetry: { folders: ['ports', 'core'], values: ['node:diagnostics_channel', '@opentelemetry/api'], types: [] },
  adapters: {
    folders: ['ports', 'core'],
    values: ['node:http', 'node:crypto', 'node:fs', 'node:net', 'node:os', 'node:path'],
    types: ['node:http', 'node:http2', 'node:stream', 'express', 'koa', 'fastify', 'hono'],
  },
  /** What other session libraries offer, over sessions of limpet. */
  'drop-in': {
    folders: ['adapters', 'ports', 'core', 'config', 'memory'],
    values: ['node:crypto', 'node:events', 'cookie', 'cookie-signature'],
    types: ['koa'],
  },
  /** The entry files, src/*.ts, and the composition root. */
  '.': {
    folders: [
      'adapters',
      'drop-in',
      'misdirected',
      'engine',
      'engine/outside',
      'engine/process',
      'memory',
      'redis',
      'core',
      'ports',
      'config',
      'testing',
      'doctor',
      'metrics',
      'hop-undici',
      'opentelemetry',
    ],
    values: ['node:crypto', 'node:diagnostics_channel', 'node:util'],
    types: ['express-session', 'koa', 'koa-session'],
  },
}

/** The two files that look for a Redis client and load it, when REDIS_URL asks for one. */
const LOADS_PEERS = /^redis\/client\/peers\.c?ts$/
const PEERS: readonly string[] = ['ioredis', 'redis', 'node:fs', 'node:module', 'node:path', 'node:url']

const src = fileURLToPath(new URL('../../src', import.meta.url))
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => /\.c?ts$/.test(name))

/** `redis/scripts` belongs to `redis`; the engine's rooms have rules of their own. */
function folderOf(file: string): string {
  if (file === 'cli.ts') return 'cli'
  const parts = dirname(file).split('/')
  return parts[0] === 'engine' ? parts.join('/') : (parts[0] ?? '.')
}

interface Import {
  readonly of: string
  readonly typeOnly: boolean
}

const sources = new Map(
  files.map((file) => {
    const text = readFileSync(join(src, file), 'utf8')
    return [file, ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true)]
  }),
)

function parse(file: string): ts.SourceFile {
  const source = sources.get(file)
  if (!source) throw new Error(`${file} is not in src`)
  return source
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  ts.forEachChild(node, (child) => walk(child, visit))
}

/** Every way in which one file can name another: import, export from, import(), import type of a part, require(). */
function importsOf(file: ts.SourceFile): Import[] {
  const found: Import[] = []
  const add = (name: ts.Node | undefined, typeOnly: boolean) => {
    if (name && ts.isStringLiteralLike(name)) found.push({ of: name.text, typeOnly })
  }
  walk(file, (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.phaseModifier === TYPE)
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true)
    else if (ts.isCallExpression(node) && LOADS.test(node.expression.getText())) add(node.arguments[0], false)
  })
  return found
}

const TYPE = ts.SyntaxKind.TypeKeyword
const LOADS = /^(import|require|createRequire\(.*\))$/

/** What a file imports against the rules, in words. */
function violations(file: string): string[] {
  const folder = folderOf(file)
  const rule = RULES[folder]
  if (!rule) return [`${file}: the folder ${folder} is not in the table`]
  return importsOf(parse(file)).flatMap(({ of, typeOnly }) => {
    if (of.startsWith('.')) {
      const target = folderOf(relative(src, join(src, dirname(file), of)))
      return target === folder || rule.folders.includes(target) ? [] : [`${file} imports ${target} (${of})`]
    }
    if (LOADS_PEERS.test(file) && PEERS.includes(of)) return []
    const allowed = rule.values.includes(of) || (typeOnly && rule.types.includes(of))
    return allowed ? [] : [`${file} imports ${typeOnly ? 'types of ' : ''}${of}`]
  })
}

/** The files that a file imports, types counted. */
function neighbours(file: string): string[] {
  return importsOf(parse(file))
    .filter(({ of }) => of.startsWith('.'))
    .map(({ of }) => relative(src, join(src, dirname(file), of)))
}

/** A way along the imports that comes back to where it began; undefined: there is none from here. */
function circleFrom(file: string, path: readonly string[], done: Set<string>): readonly string[] | undefined {
  if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
  if (done.has(file)) return undefined
  for (const next of neighbours(file)) {
    const circle = circleFrom(next, [...path, file], done)
    if (circle) return circle
  }
  done.add(file)
  return undefined
}

/** Where code, not comments or texts, says one of these. */
function mentions(file: string, said: (node: ts.Node) => boolean): string[] {
  const source = parse(file)
  const found: string[] = []
  walk(source, (node) => {
    if (!said(node)) return
    const { line } = source.getLineAndCharacterOfPosition(node.getStart())
    found.push(`${file}:${line + 1} ${node.getText()}`)
  })
  return found
}

const isMember = (node: ts.Node, object: string, member?: string) =>
  ts.isPropertyAccessExpression(node) &&
  node.expression.getText() === object &&
  (member === undefined || node.name.text === member)

const CLOCKS = [
  ['Date', 'now'],
  ['Math', 'random'],
  ['performance', 'now'],
  ['process', 'hrtime'],
] as const

/** `Date.now()` and its like, and `new Date()`: reading a clock or dice. Handing `Date.now` on as a parameter is not reading it. */
function readsClock(node: ts.Node): boolean {
  if (ts.isCallExpression(node)) return CLOCKS.some(([object, member]) => isMember(node.expression, object, member))
  return ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length
}

describe('the shape of src', () => {
  it('has files to judge', () => {
    expect(files.length).toBeGreaterThan(30)
    expect(files).toContain(join('core', 'decide.ts'))
  })

  it.each(files)('%s imports what its folder may', (file) => {
    expect(violations(file)).toEqual([])
  })

  it('no circle among files, types counted', () => {
    const done = new Set<string>()
    expect(files.flatMap((file) => circleFrom(file, [], done)?.join(' -> ') ?? [])).toEqual([])
  })

  it('only the command line ends the process', () => {
    const all = files.filter((file) => folderOf(file) !== 'cli')
    expect(all.flatMap((file) => mentions(file, (node) => isMember(node, 'process', 'exit')))).toEqual([])
  })

  it('nothing writes to the console', () => {
    expect(files.flatMap((file) => mentions(file, (node) => isMember(node, 'console')))).toEqual([])
  })

  it('core and engine read no clock and throw no dice: both are handed to them', () => {
    const timeless = files.filter((file) => /^(core|engine)/.test(folderOf(file)))
    expect(timeless.flatMap((file) => mentions(file, readsClock))).toEqual([])
  })

  it('core knows no timers, no process and no network', () => {
    const core = files.filter((file) => folderOf(file) === 'core')
    const names = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch', 'process', 'globalThis']
    const said = (node: ts.Node) => ts.isIdentifier(node) && names.includes(node.text)
    expect(core.flatMap((file) => mentions(file, said))).toEqual([])
  })

  it('nothing but constants stands outside of functions: no `let` at the top of a file', () => {
    const variable = (node: ts.Node) =>
      ts.isVariableStatement(node) &&
      ts.isSourceFile(node.parent) &&
      !(node.declarationList.flags & ts.NodeFlags.Const) &&
      !node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword)
    expect(files.flatMap((file) => mentions(file, variable))).toEqual([])
  })
})
