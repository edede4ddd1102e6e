import { parseArgs } from 'node:util'
import { compared, isLimpet, type Target, targets } from './driver/fleet.ts'
import { type FaultName, faultNames } from './driver/nemesis.ts'
import { type Break, breaks } from './driver/run.ts'

export interface CliOptions {
  readonly seconds: number
  readonly seed: number
  readonly targets: readonly Target[]
  readonly faults: readonly FaultName[]
  readonly broken: Break | undefined
  readonly markdown: boolean
  /** The file that the last target's history is written to; undefined: none. */
  readonly history: string | undefined
}

export const usage = `npm run check:consistency -- [options]

  --seconds N       how long each target runs (20)
  --seed N          of the schedule (random; printed)
  --target NAME     ${targets.join(' | ')} | all (limpet)
  --faults A,B      ${faultNames.join(', ')}; none (all of them)
  --break LAW       breaks limpet on purpose: ${breaks.join(' | ')}
  --markdown        prints the table for the documentation
  --history FILE    writes what the last target was asked and answered, and the faults, as JSON, to look into a violation
`

/** Throws an Error whose message says what is wrong with the arguments. */
export function parseCli(argv: readonly string[]): CliOptions {
  const { values } = parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: false,
    options: {
      seconds: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      target: { type: 'string', default: 'limpet' },
      faults: { type: 'string', default: faultNames.join(',') },
      break: { type: 'string' },
      markdown: { type: 'boolean', default: false },
      history: { type: 'string' },
    },
  })
  const options = {
    seconds: number('seconds', values.seconds),
    seed: number('seed', values.seed),
    targets: values.target === 'all' ? compared : [oneOf('target', values.target, targets)],
    faults: values.faults === 'none' ? [] : values.faults.split(',').map((name) => oneOf('faults', name, faultNames)),
    broken: values.break === undefined ? undefined : oneOf('break', values.break, breaks),
    markdown: values.markdown,
    history: values.history,
  }
  if (options.broken && !options.targets.some(isLimpet)) throw new Error('--break is for --target limpet')
  return options
}

function number(flag: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${flag} takes a whole number, not "${text}"`)
  return Number(text)
}

function oneOf<Name extends string>(flag: string, text: string, names: readonly Name[]): Name {
  const name = names.find((one) => one === text)
  if (!name) throw new Error(`--${flag}: there is no "${text}". One of: ${names.join(', ')}`)
  return name
}
