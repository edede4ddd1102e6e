import { CONFIGURATIONS } from './configurations.ts'
import { EXCEPTIONS, FAULTS, type Fault, LIMPET_FAULTS } from './faults.ts'
import { expected } from './run.ts'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** What each fault makes, alone. */
function alone(): string {
  const rows = FAULTS.map((fault, at) => `| ${LETTERS[at]} | ${fault.name} | ${code(expected([fault]))} |`)
  const limpet = LIMPET_FAULTS.map(({ name, finds }) => `| | ${name} | ${code([...finds].sort())} |`)
  return ['| | fault | findings |', '|---|---|---|', `| | none | ${code(expected([]))} |`, ...rows, ...limpet].join(
    '\n',
  )
}

function code(ids: readonly string[]): string {
  return ids.length === 0 ? 'none' : ids.map((id) => `\`${id}\``).join(', ')
}

/** Row by column: is the finding of the row's fault made when the column's fault is there too? */
function pairs(): string {
  const head = `    ${FAULTS.map((_, at) => LETTERS[at]).join(' ')}`
  const rows = FAULTS.map((row, at) => {
    const cells = FAULTS.map((column) => (row === column ? ' ' : isHidden(row, column) ? 'o' : '+'))
    return `  ${LETTERS[at]} ${cells.join(' ')}`.trimEnd()
  })
  return ['```', head, ...rows, '```'].join('\n')
}

function isHidden(row: Fault, column: Fault): boolean {
  const found = expected([row, column])
  return !row.finds.every((id) => found.includes(id))
}

/** Findings over all sites of the tests: the tests fail if one is missed, or one too many is made. */
function sum(): string {
  const sites = [
    [],
    ...FAULTS.map((fault) => [fault]),
    ...FAULTS.flatMap((one, at) => FAULTS.slice(at + 1).map((other) => [one, other])),
  ]
  const count = sites.reduce((all, faults) => all + expected(faults).length, 0)
  const limpet = LIMPET_FAULTS.reduce((all, { finds }) => all + finds.length, 0)
  const [number, total] = [sites.length + LIMPET_FAULTS.length, count + limpet]
  const row = `| ${number} | ${total} | ${total} | 0 | 0 |`
  const exceptions = EXCEPTIONS.map(({ pair, finds }) => `${pair.join(' and ')}: ${code(finds)}`).join('; ')
  return `| sites | findings to be made | made | missed | invented |
|---|---|---|---|---|
${row}

One pair makes what neither makes alone: ${exceptions}.`
}

function real(): string {
  const rows = CONFIGURATIONS.map(({ program, what, finds, byChance }) => {
    const found = finds.map((one) => one.replace(/^(\w+) (.*)$/, '$1 `$2`')).join(', ')
    return `| ${program.name} | ${what} | ${found || (byChance ? 'none, or note `parallel-first-requests`' : 'none')} |`
  })
  return ['| balancer | configuration | findings |', '|---|---|---|', ...rows].join('\n')
}

/** The parts of docs/doctor.md that the tests make, by their names there. */
export const TABLES: Readonly<Record<string, () => string>> = { alone, pairs, sum, real }

/** The page with its tables made anew. */
export function withTables(page: string): string {
  return page.replace(/(<!-- table: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g, (whole, begin, name, end) => {
    const table = TABLES[name]
    return table ? `${begin}\n${table()}\n\n${end}` : whole
  })
}
