#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { run } from './doctor/command/run.ts'

/** Ctrl-C once: what is known is printed. Twice: the end. */
const interrupted = new AbortController()
process.once('SIGINT', () => {
  process.once('SIGINT', () => process.exit(130))
  interrupted.abort()
})

/** Whoever reads has enough, as `head` does. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2))

/** Standard input, or as much of it as could be a cookie. */
async function input(): Promise<string> {
  let all = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    all += chunk
    if (all.length > 10_000) break
  }
  return all
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

const code = await run(process.argv.slice(2), {
  out: (output) => void process.stdout.write(output),
  err: (output) => void process.stderr.write(output),
  env: process.env,
  input,
  outIsTerminal: process.stdout.isTTY === true,
  errIsTerminal: process.stderr.isTTY === true,
  inIsTerminal: process.stdin.isTTY === true,
  columns: process.stdout.columns ?? 80,
  now: Date.now,
  signal: interrupted.signal,
  version,
})
// Whatever is still open, a socket or a timer, keeps nobody waiting; but what was written has to get out first.
process.stdout.write('', () => process.exit(code))
