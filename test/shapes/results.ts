import { playCell } from './cell.ts'
import { type Contender, expressSessionContender, koaSessionContender } from './contenders.ts'
import type { Problem } from './problem.ts'
import type { Group, ServerName, Shape } from './shape.ts'
import { servers } from './shape.ts'

export interface Column {
  readonly heading: string
  readonly server: ServerName
  readonly contender: Contender
}

/** Undefined: the shape does not apply to this server. */
export type Cell = readonly Problem[] | undefined

export interface Row {
  readonly shape: Shape
  readonly cells: readonly Cell[]
}

export interface Table {
  readonly title: string
  readonly rows: readonly Row[]
}

const headings: Readonly<Record<ServerName, string>> = {
  express4: 'Express 4',
  express5: 'Express 5',
  koa2: 'Koa 2',
  koa3: 'Koa 3',
  fastify4: 'Fastify 4',
  fastify5: 'Fastify 5',
  hono: 'Hono',
  http: 'node:http',
  http2: 'HTTP/2',
}

export const limpetColumns = (limpet: Contender): Column[] =>
  servers.map((server) => ({ heading: headings[server], server, contender: limpet }))

/** What people use today, each on the newest framework it is made for. */
export const otherColumns: readonly Column[] = [
  { heading: 'express-session', server: 'express5', contender: expressSessionContender },
  { heading: 'koa-session', server: 'koa3', contender: koaSessionContender },
]

/** Milliseconds for a cell of somebody else's: some never answer, and the table has to end. */
const patience = 3000

export async function playGroup({ title, rows }: Group, columns: readonly Column[]): Promise<Table> {
  const played: Row[] = []
  for (const shape of rows) {
    const cells: Cell[] = []
    for (const column of columns) cells.push(await play(shape, column))
    played.push({ shape, cells })
  }
  return { title, rows: played }
}

async function play(shape: Shape, { server, contender }: Column): Promise<Cell> {
  if (shape.doesNotApply?.[server] !== undefined) return undefined
  if (contender.label === 'limpet') return playCell(shape, server, contender, { strict: true })
  return playCell(shape, server, contender, { deadline: patience })
}

export const isFine = (cell: Cell) => cell === undefined || cell.length === 0

/** "19 of 20" for one column of one or more tables; shapes that do not apply are not counted. */
export function tally(tables: readonly Table[], column: number): string {
  const cells = tables
    .flatMap(({ rows }) => rows.map(({ cells }) => cells[column]))
    .filter((cell) => cell !== undefined)
  return `${cells.filter(isFine).length} of ${cells.length}`
}
