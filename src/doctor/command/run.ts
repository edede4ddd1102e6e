import { isLimpetError } from '../../core/errors.ts'
import { printed } from '../../core/printed.ts'
import { Trouble } from '../trouble.ts'
import { doctor } from './doctor.ts'
import type { ExitCode, Io } from './io.ts'
import { token } from './token.ts'
import { USAGE } from './usage.ts'

/** Runs one command. Resolves to its exit code, and never rejects. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  try {
    return await command(argv, io)
  } catch (error) {
    const text = isLimpetError(error) ? error.message : `this is a bug of limpet: ${printed(String(error), 300)}`
    io.err(`limpet: ${text}\n`)
    return 2
  }
}

async function command([name, ...args]: readonly string[], io: Io): Promise<ExitCode> {
  const asksForHelp = args.includes('--help') || args.includes('-h')
  if (name === undefined || name === 'help' || name === '--help' || name === '-h' || asksForHelp) {
    io.out(USAGE)
    return name === undefined ? 2 : 0
  }
  if (name === '--version' || name === '-v') {
    io.out(`${io.version}\n`)
    return 0
  }
  if (name === 'doctor') return doctor(args, io)
  if (name === 'token') return token(args, io)
  throw new Trouble(`${printed(name)} is no command: write 'limpet doctor URL' or 'limpet token VALUE'`)
}
