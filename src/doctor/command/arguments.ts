import { type ParseArgsConfig, parseArgs } from 'node:util'
import ms from 'ms'
import { printed } from '../../core/printed.ts'
import { Trouble } from '../trouble.ts'

/** `parseArgs` with an error that says what to write. */
export function parse<T extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause)
    throw new Trouble(`${printed(text.split('. ', 1)[0] ?? '', 200)}; 'limpet --help' lists what there is`, { cause })
  }
}

/** Milliseconds of `70s`, `2m` and the like; a bare number is refused, since nobody knows its unit. */
export function duration(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const parsed = /^\s*[\d.]+\s*$/.test(text) || text.length > 30 ? undefined : ms(text as ms.StringValue)
  if (parsed === undefined || !(parsed >= 0)) {
    throw new Trouble(`--${option} is to be a time, as in 70s or 2m, and is ${printed(text)}`)
  }
  return parsed
}

export function count(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,6}$/.test(text)) throw new Trouble(`--${option} is to be a number, and is ${printed(text)}`)
  return Number(text)
}

/** `Name: value`, one for each. */
export function headers(lines: readonly string[]): Readonly<Record<string, string>> {
  const all: Record<string, string> = Object.create(null)
  for (const line of lines) {
    const at = line.indexOf(':')
    if (at < 1) throw new Trouble(`--header is to be 'Name: value', and is ${printed(line)}`)
    all[line.slice(0, at).trim()] = line.slice(at + 1).trim()
  }
  return { ...all }
}

/** The address of `HOST:PORT:ADDRESS`, which has to be for the host of the URL. */
export function resolved(text: string | undefined, url: string): string | undefined {
  if (text === undefined) return undefined
  const [, host, port, address] = /^(.+?):(\d{1,5}):(.+)$/.exec(text) ?? []
  if (host === undefined || address === undefined) {
    throw new Trouble(`--resolve is to be HOST:PORT:ADDRESS, as in example.com:443:192.0.2.1, and is ${printed(text)}`)
  }
  const target = URL.canParse(url) ? new URL(url) : undefined
  const own = target?.port || (target?.protocol === 'http:' ? '80' : '443')
  if (target && (target.hostname !== host || own !== port)) {
    throw new Trouble(
      `--resolve is for ${printed(`${host}:${port}`)}, and the URL for ${printed(target.hostname)}:${own}`,
    )
  }
  return address.replace(/^\[|\]$/g, '')
}
