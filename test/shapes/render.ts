import { type Cell, type Column, type Table, tally } from './results.ts'

export interface Report {
  readonly columns: readonly Column[]
  readonly tables: readonly Table[]
  /** Law 9, of limpet's columns alone. */
  readonly caching: Table
  readonly unreachable: readonly { readonly name: string; readonly fine: boolean }[]
  readonly made: string
}

const notes = [
  'ok: exactly one session cookie, which brings the same session back; the cookies, status and body of the app as it meant them.',
  'express-session on Express 5, with resave: false, saveUninitialized: true, rolling: true. koa-session on Koa 3, with rolling: true.',
  'Both are made to change their session in every request, so that both have a reason to set a cookie on every response.',
  'Under Koa, calls on the raw response are made with ctx.respond = false; koa-session sets its cookie after that, too late.',
  'Under Fastify they are made after reply.hijack(), and under Hono on the response of @hono/node-server.',
  'In a few rows Node itself loses a cookie, because another header was set before; a library that leaves writeHead alone loses it too.',
  "limpet's cells are also compared with the same app without limpet: nothing else may be different on the wire.",
]

const word = (cell: Cell) => (cell === undefined ? 'does not apply' : (cell[0]?.word ?? 'ok'))

export function asText({ columns, tables, caching, unreachable, made }: Report): string {
  const shapes = [...tables, caching].flatMap(({ rows }) => rows.map(({ shape }) => shape.name.length))
  const nameWidth = Math.max(...shapes) + 4
  const widths = columns.map(({ heading }) => Math.max(heading.length, 13))
  const line = (name: string, cells: readonly string[]) =>
    `${name.padEnd(nameWidth)}${cells.map((cell, i) => cell.padEnd((widths[i] ?? 0) + 2)).join('')}`.trimEnd()
  const rowsOf = (table: Table) => table.rows.map(({ shape, cells }) => line(`  ${shape.name}`, cells.map(word)))
  const sums = columns.map((_column, i) => tally(tables, i))
  return [
    line(`limpet, ${made}`, ['']),
    '',
    line(
      '',
      columns.map((_column, i) => (i === 0 ? 'limpet on' : '')),
    ),
    line(
      '',
      columns.map(({ heading }) => heading),
    ),
    ...tables.flatMap((table) => [table.title, ...rowsOf(table)]),
    line('all', sums),
    '',
    ...notes,
    '',
    line(`${caching.title} (ok: the cookie is there or not, as it should)`, ['']),
    ...rowsOf(caching),
    '',
    'Out of reach: no middleware is asked, so these carry no cookie (checked on all eight servers of HTTP/1.1, the last on HTTP/2)',
    ...unreachable.map(({ name, fine }) => `  ${name}${fine ? '' : '   IT DID'}`),
    '',
  ].join('\n')
}

export function asMarkdown({ columns, tables, made }: Report): string {
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const head = [row(['', ...columns.map(({ heading }) => heading)]), row(['---', ...columns.map(() => '---')])]
  const count = tables.reduce((sum, { rows }) => sum + rows.length, 0)
  return [
    `${made}. The first nine columns are limpet, the last two what people use today.`,
    '',
    ...head,
    ...tables.map((table) => row([table.title, ...columns.map((_column, i) => tally([table], i))])),
    row(['**all**', ...columns.map((_column, i) => `**${tally(tables, i)}**`)]),
    '',
    ...notes.map((note) => `${note}  `),
    '',
    '<details>',
    `<summary>All ${count} shapes</summary>`,
    '',
    ...head,
    ...tables.flatMap((table) => [
      row([`**${table.title}**`, ...columns.map(() => '')]),
      ...table.rows.map(({ shape, cells }) => row([shape.name, ...cells.map(word)])),
    ]),
    '',
    '</details>',
    '',
  ].join('\n')
}
