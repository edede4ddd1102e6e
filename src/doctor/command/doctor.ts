import { writeFile } from 'node:fs/promises'
import { printed } from '../../core/printed.ts'
import { examine } from '../examine.ts'
import { examineRecording } from '../har/examine-recording.ts'
import type { ExamineOptions } from '../prober/settings.ts'
import type { Report } from '../report.ts'
import { asJson } from '../text/json.ts'
import { asPage } from '../text/page.ts'
import { asText } from '../text/terminal.ts'
import { Trouble } from '../trouble.ts'
import { count, duration, headers, parse, resolved } from './arguments.ts'
import type { ExitCode, Io } from './io.ts'

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const

const OPTIONS = {
  redirect: text,
  missing: text,
  ws: text,
  wait: text,
  requests: text,
  header: { type: 'string', multiple: true },
  cookie: text,
  insecure: flag,
  resolve: text,
  timeout: text,
  har: text,
  json: flag,
  html: text,
} as const

type Values = ReturnType<typeof parse<typeof OPTIONS>>['values']

/** `limpet doctor`. */
export async function doctor(args: readonly string[], io: Io): Promise<ExitCode> {
  const { values, positionals } = parse(args, OPTIONS)
  const [url, ...more] = positionals
  if (more.length > 0) throw new Trouble(`one URL at a time: ${printed(more[0] ?? '', 80)} is too much`)
  const report = await reportOf(url, values, io)
  if (values.html !== undefined) await save(values.html, asPage(report))
  const style = { colour: io.outIsTerminal && !io.env.NO_COLOR, columns: Math.min(io.columns, 100) }
  io.out(values.json ? asJson(report) : asText(report, style))
  return { healthy: 0, findings: 1, unknown: 2 }[report.verdict] as ExitCode
}

async function reportOf(url: string | undefined, values: Values, io: Io): Promise<Report> {
  if (values.har !== undefined) {
    if (url !== undefined) throw new Trouble('name a URL or --har FILE, not both')
    return examineRecording(values.har)
  }
  if (url === undefined) throw new Trouble("which site? Write 'limpet doctor https://example.com/'")
  const options = optionsOf(url, values)
  const show = io.errIsTerminal && !values.json
  try {
    return await examine(url, {
      ...options,
      signal: io.signal,
      onProgress: ({ done, of }) => {
        if (show) io.err(`\r${done} of ${of} requests`)
      },
    })
  } finally {
    if (show) io.err(`\r${' '.repeat(30)}\r`)
  }
}

function optionsOf(url: string, values: Values): ExamineOptions {
  const given = {
    redirect: values.redirect,
    missing: values.missing,
    ws: values.ws,
    wait: duration('wait', values.wait),
    requests: count('requests', values.requests),
    headers: headers(values.header ?? []),
    cookie: values.cookie,
    insecure: values.insecure,
    resolve: resolved(values.resolve, url),
    timeout: duration('timeout', values.timeout),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

async function save(file: string, page: string): Promise<void> {
  try {
    await writeFile(file, page)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'an error'
    throw new Trouble(`the page could not be written to ${printed(file, 120)}: ${code}`, { cause })
  }
}
