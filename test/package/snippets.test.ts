import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureBuilt, root } from './support/built.ts'
import { snippetsOf } from './support/snippets.ts'

/** What a page takes for granted where its snippets begin. */
const GIVEN: Readonly<Record<string, string>> = {
  'README.md': "declare const req: import('express').Request\n",
  'docs/reference.md': "declare const req: import('express').Request\n",
  'docs/typescript.md': '',
  'docs/gateway.md': '',
  'docs/balancers.md': '',
  'docs/troubleshooting.md': `
    import express from 'express'
    import { sticky } from 'limpet'
    const app = express()
    declare module 'limpet' { interface SessionData { cart: string[] } }
    declare const session: import('limpet').Session
    declare const item: string
  `,
  'docs/redis.md': `
    import { Redis } from 'ioredis'
    import { redisStore } from 'limpet/redis'
    import { createClient } from 'redis'
    declare const url: string
  `,
  'docs/fastify.md': '',
  'docs/hono.md': '',
  'docs/nest.md': '',
  'docs/other-frameworks.md': '',
  'docs/testing.md': '',
}

let folder: string
beforeAll(async () => {
  await ensureBuilt()
  mkdirSync(join(root, '.cache'), { recursive: true })
  folder = mkdtempSync(join(root, '.cache', 'snippets-'))
}, 180_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the compiler says of each of these modules, by their names. One program: what they tell of their sessions goes together. */
function complaints(modules: Readonly<Record<string, string>>): Record<string, string[]> {
  const files = Object.entries(modules).map(([name, code]) => {
    const file = join(folder, `${name.replaceAll(/\W/g, '-')}.mts`)
    writeFileSync(file, code)
    return { name, file }
  })
  const program = ts.createProgram(
    files.map(({ file }) => file),
    {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      // As NestJS wants it.
      experimentalDecorators: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
    },
  )
  const said = (file: string) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map(({ messageText }) => {
      return ts.flattenDiagnosticMessageText(messageText, '\n')
    })
  return Object.fromEntries(files.map(({ name, file }) => [name, said(file)]))
}

describe('what the pages show', () => {
  test('compiles as it stands, strict, and the compiler would notice what does not', () => {
    const pages = Object.fromEntries(Object.keys(GIVEN).map((page) => [page, GIVEN[page] + snippetsOf(page)]))
    const typo = `${pages['README.md']}\nsession.get('crat')`
    expect(complaints({ ...pages, typo })).toEqual({
      ...Object.fromEntries(Object.keys(GIVEN).map((page) => [page, []])),
      typo: [expect.stringContaining('"crat"')],
    })
  }, 180_000)
})

describe('what an editor shows', () => {
  /** The symbols that an editor would show texts of: the options, what stands on the request, and the handle. */
  function shown() {
    const entry = join(root, 'dist', 'index.d.ts')
    const program = ts.createProgram([entry], { module: ts.ModuleKind.NodeNext, skipLibCheck: true, types: ['node'] })
    const checker = program.getTypeChecker()
    const source = program.getSourceFile(entry)
    const module = source && checker.getSymbolAtLocation(source)
    const exported = new Map(module && checker.getExportsOfModule(module).map((one) => [one.name, one]))
    const symbol = (name: string) => {
      const found = exported.get(name)
      if (!found) throw new Error(`limpet exports no ${name}`)
      return found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found
    }
    const textOf = (one: ts.Symbol) => ts.displayPartsToString(one.getDocumentationComment(checker))
    const members = (name: string) => {
      const type = checker.getDeclaredTypeOfSymbol(symbol(name))
      return (type.isUnion() ? type.types : [type]).flatMap((part) => checker.getPropertiesOfType(part))
    }
    return { checker, symbol, textOf, members }
  }

  test('a text for every option, for all that stands on the request, and an example for sticky()', () => {
    const { checker, symbol, textOf, members } = shown()
    for (const name of ['StickyOptions', 'CookieOptions', 'Sticky', 'Session', 'MemoryStoreOptions']) {
      const all = members(name)
      expect(all.length, name).toBeGreaterThan(0)
      const silent = all.filter((one) => textOf(one) === '')
      expect(silent.map((one) => `${name}.${one.name}`)).toEqual([])
    }
    const sticky = symbol('sticky')
    expect(textOf(sticky)).toContain('Express')
    const example = sticky.getJsDocTags(checker).find(({ name }) => name === 'example')
    expect(ts.displayPartsToString(example?.text)).toContain('app.use(sticky())')
  }, 180_000)
})
