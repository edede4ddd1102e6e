import { playCell } from './cell.ts'
import { createLimpet } from './limpet.ts'
import { asMarkdown, asText, type Report } from './render.ts'
import { isFine, limpetColumns, otherColumns, playGroup, type Table } from './results.ts'
import { caching } from './rows/caching.ts'
import { groups } from './rows/index.ts'
import { servers } from './shape.ts'
import { playUnreachable, unreachable, unreachableOnHttp2 } from './unreachable.ts'

// Rows that give HTTP/2 a reason phrase make Node say once that there is none. The rest of its warnings stays.
process.removeAllListeners('warning')
process.on('warning', (warning) => {
  if (warning.name !== 'UnsupportedWarning') process.stderr.write(`${warning.stack}\n`)
})

const markdown = process.argv.includes('--markdown')
const limpet = createLimpet()
const started = performance.now()

const tables: Table[] = []
for (const group of groups) tables.push(await playGroup(group, [...limpetColumns(limpet), ...otherColumns]))
const cachingTable = await playGroup(caching, limpetColumns(limpet))
const outOfReach: Report['unreachable'][number][] = []
for (const row of unreachable) {
  const problems = []
  for (const server of servers) if (server !== 'http2') problems.push(...(await playUnreachable(row, server, limpet)))
  outOfReach.push({ name: row.name, fine: problems.length === 0 })
}
const past = await playCell(unreachableOnHttp2, 'http2', limpet)
outOfReach.push({ name: unreachableOnHttp2.name, fine: past.length === 0 })
await limpet.close()

const report: Report = {
  columns: [...limpetColumns(limpet), ...otherColumns],
  tables,
  caching: cachingTable,
  unreachable: outOfReach,
  made: `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, by \`npm run shapes\``,
}
process.stdout.write(markdown ? asMarkdown(report) : asText(report))

const failures = [...tables, cachingTable].flatMap(({ title, rows }) =>
  rows.flatMap(({ shape, cells }) =>
    cells.slice(0, servers.length).flatMap((cell, i) => {
      const details = isFine(cell) ? [] : (cell ?? [])
      return details.map(({ detail }) => `${title} / ${shape.name} / ${servers[i]}: ${detail}`)
    }),
  ),
)
failures.push(...outOfReach.filter(({ fine }) => !fine).map(({ name }) => `out of reach / ${name}`))
for (const failure of failures) process.stderr.write(`limpet fails: ${failure}\n`)
if (!markdown)
  process.stdout.write(`${failures.length} failures, ${Math.round((performance.now() - started) / 1000)} s\n`)
process.exitCode = failures.length === 0 ? 0 : 1
