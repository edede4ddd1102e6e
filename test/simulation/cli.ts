import { parseArgs } from 'node:util'
import { type Break, breaks } from './breaks.ts'
import { type FaultKind, faultKinds } from './plan.ts'

export interface CliOptions {
  readonly seed: number
  readonly histories: number
  readonly broken: Break | undefined
  /** Only the history of this number. */
  readonly only: number | undefined
  readonly seconds: number | undefined
  readonly faults: readonly FaultKind[]
  readonly workers: number | undefined
}

export const usage = `npm run check:simulation -- [options]

  --seed N          of the histories (random; printed)
  --histories N     how many (10000)
  --seconds N       no longer than that
  --workers N       processes (one for each core); what is found does not depend on it
  --only N          the history of this number alone, printed in full
  --faults A,B      only these, or none: ${faultKinds.join(', ')}
  --break LAW       breaks limpet on purpose: ${breaks.join(' | ')}
`

/** Throws an Error whose message says what is wrong with the arguments. */
export function parseCli(argv: readonly string[]): CliOptions {
  const { values } = parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: false,
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      histories: { type: 'string', default: '10000' },
      seconds: { type: 'string' },
      only: { type: 'string' },
      faults: { type: 'string', default: faultKinds.join(',') },
      break: { type: 'string' },
      workers: { type: 'string' },
    },
  })
  const broken = breaks.find((one) => one === values.break)
  if (values.break !== undefined && !broken)
    throw new Error(`--break: there is no "${values.break}". One of: ${breaks.join(', ')}`)
  return {
    seed: number('seed', values.seed),
    histories: number('histories', values.histories),
    broken,
    faults: values.faults === 'none' ? [] : values.faults.split(',').map(fault),
    workers: values.workers === undefined ? undefined : number('workers', values.workers),
    only: values.only === undefined ? undefined : number('only', values.only),
    seconds: values.seconds === undefined ? undefined : number('seconds', values.seconds),
  }
}

function fault(text: string): FaultKind {
  const kind = faultKinds.find((one) => one === text)
  if (!kind) throw new Error(`--faults: there is no "${text}". One of: ${faultKinds.join(', ')}, none`)
  return kind
}

function number(flag: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${flag} takes a whole number, not "${text}"`)
  return Number(text)
}
