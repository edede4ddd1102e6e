import { readFile } from 'node:fs/promises'
import { printed } from '../../core/printed.ts'
import { asJson } from '../text/json.ts'
import { describeToken, type TokenReport } from '../token/describe.ts'
import { Trouble } from '../trouble.ts'
import { duration, parse } from './arguments.ts'
import type { ExitCode, Io } from './io.ts'

const text = { type: 'string' } as const

const OPTIONS = {
  'secret-file': text,
  namespace: text,
  'idle-timeout': text,
  'absolute-timeout': text,
  json: { type: 'boolean' },
} as const

/** `limpet token`: 0 where a backend would go on with the session, 1 where it would not, 2 where nobody can tell. */
export async function token(args: readonly string[], io: Io): Promise<ExitCode> {
  const { values, positionals } = parse(args, OPTIONS)
  const [given, ...more] = positionals
  if (more.length > 0) throw new Trouble('one value at a time: put it into quotes')
  if (given === undefined && io.inIsTerminal) throw new Trouble("which cookie? Write 'limpet token VALUE'")
  const value = given ?? (await io.input())
  const report = describeToken(value, {
    secrets: await secretsOf(values['secret-file'], io),
    namespace: values.namespace,
    now: io.now(),
    idle: duration('idle-timeout', values['idle-timeout']) ?? 86_400_000,
    absolute: duration('absolute-timeout', values['absolute-timeout']),
  })
  io.out(values.json ? asJson(report) : asLines(report))
  if (report.kind === 'none') return 2
  if (report.decision === undefined) return 2
  return report.decision.kind === 'resume' ? 0 : 1
}

async function secretsOf(file: string | undefined, { env }: Io): Promise<readonly string[]> {
  if (file === undefined) return env.LIMPET_SECRET ? [env.LIMPET_SECRET] : []
  try {
    return [(await readFile(file, 'utf8')).trim()]
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'an error'
    throw new Trouble(`the secret could not be read from ${printed(file, 120)}: ${code}`, { cause })
  }
}

function asLines(report: TokenReport): string {
  if (report.kind === 'none') return `no token of limpet's: ${report.why}\n`
  const rows = [...Object.entries(report.fields), ['signature', report.signature], ['a backend', report.text]]
  const width = Math.max(...rows.map(([name = '']) => name.length))
  return `${rows.map(([name = '', value = '']) => `${name.padEnd(width)}  ${value}`).join('\n')}\n`
}
