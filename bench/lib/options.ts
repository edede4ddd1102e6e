import { parseArgs } from 'node:util'

export interface Flag {
  readonly type: 'string' | 'boolean'
  readonly help: string
}

export type Parsed<F extends Record<string, Flag>> = {
  [K in keyof F]: F[K]['type'] extends 'boolean' ? boolean : string | undefined
}

/** The flags of one script, or a message that names the wrong one and lists those there are. */
export function parseFlags<F extends Record<string, Flag>>(flags: F, args: readonly string[]): Parsed<F> {
  try {
    const values: Record<string, unknown> = parseArgs({
      args: [...args],
      options: flags,
      strict: true,
      allowPositionals: false,
    }).values
    const booleans = Object.entries(flags).filter(([, flag]) => flag.type === 'boolean')
    return { ...Object.fromEntries(booleans.map(([name]) => [name, false])), ...values } as Parsed<F>
  } catch (error) {
    const known = Object.entries(flags).map(([name, flag]) => `  --${name.padEnd(12)} ${flag.help}`)
    throw new Error(`${(error as Error).message.split('. To specify')[0]}. The options are:\n${known.join('\n')}`)
  }
}

export function positive(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (!(Number.isFinite(value) && value > 0)) throw new Error(`--${name} must be a number above 0, not "${text}"`)
  return value
}

export function positiveInteger(name: string, text: string | undefined, fallback: number): number {
  const value = positive(name, text, fallback)
  if (!Number.isInteger(value)) throw new Error(`--${name} must be a whole number, not "${text}"`)
  return value
}

/** Runs a script's main function; a mistake of the caller is one sentence, not a stack. */
export function runMain(main: () => Promise<void>): void {
  main().catch((error: Error) => {
    process.stderr.write(`bench: ${process.env.DEBUG ? error.stack : error.message}\n`)
    process.exitCode = 1
  })
}
