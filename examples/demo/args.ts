import { Trouble } from './trouble.ts'

export interface Args {
  readonly once: boolean
  readonly redis: boolean
  readonly help: boolean
}

const flags = ['--once', '--redis', '--help']

export const usage = `npm run demo                 play everything, print the table, serve the page at http://localhost:3000
npm run demo -- --once       print the table and end: 0 if each of the three lanes does what is said of it, else 1
npm run demo -- --redis      each backend a process of its own, sharing the Redis at REDIS_URL
PORT=3100 npm run demo       the page at another port`

export function parseArgs(argv: readonly string[]): Args {
  for (const arg of argv) {
    if (flags.includes(arg)) continue
    throw new Trouble(`"${arg}" is not an option of the demo. Write:\n\n${usage}`)
  }
  return { once: argv.includes('--once'), redis: argv.includes('--redis'), help: argv.includes('--help') }
}

/** The port of the page. */
export function parsePort(text: string | undefined): number {
  if (text === undefined || text === '') return 3000
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port
  throw new Trouble(`PORT is "${text}": write a number from 0 (any free port) to 65535, as in PORT=3100`)
}
