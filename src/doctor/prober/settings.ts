import { validateHeaderName, validateHeaderValue } from 'node:http'
import { isIP } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { printed } from '../../core/printed.ts'
import { Trouble } from '../trouble.ts'

export interface ExamineOptions {
  /** A path of the site that redirects to another of its paths. Default: that of the URL, if it does. */
  readonly redirect?: string
  /** A path where the site answers with 404. Default: a made-up one. */
  readonly missing?: string
  /** A path that answers with a WebSocket. Default: none is asked for. */
  readonly ws?: string
  /** Milliseconds for which a client pauses before it comes back. Default: no pause. */
  readonly wait?: number
  /** How often one client comes back. Default: 8. From 3 to 100. */
  readonly requests?: number
  /** Fields that go with every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Cookies that every client has from the start, as in a Cookie field: `consent=yes; beta=1`. */
  readonly cookie?: string
  /** Certificates are not checked. Default: false. */
  readonly insecure?: boolean
  /** The IP address that is asked, whatever the name resolves to. */
  readonly resolve?: string
  /** Milliseconds for all of it, `wait` not counted. Default: 120,000. */
  readonly timeout?: number
  /** Ends the examination; the report then holds what is known so far. */
  readonly signal?: AbortSignal
  /** How a client pauses; a parameter, so that nobody has to wait. Default: by a timer. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>
  /** Is told of every answer. */
  readonly onProgress?: (progress: { readonly done: number; readonly of: number }) => void
}

/** The options with everything filled in. */
export interface Settings {
  readonly requests: number
  readonly wait: number
  readonly redirect: string | undefined
  readonly missing: string | undefined
  readonly ws: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly cookie: string | undefined
  readonly insecure: boolean
  readonly resolve: string | undefined
  /** Milliseconds for one request. */
  readonly requestTimeout: number
  readonly timeout: number
  readonly signal: AbortSignal
  readonly pause: NonNullable<ExamineOptions['pause']>
  readonly onProgress: NonNullable<ExamineOptions['onProgress']>
}

/** Fields that the doctor writes itself. */
const OWN: Readonly<Record<string, string>> = {
  cookie: 'name the cookies with --cookie',
  connection: 'leave it out: each request has a connection of its own',
  upgrade: 'name the path with --ws',
  'content-length': 'leave it out: nothing but GET and HEAD is sent',
  'transfer-encoding': 'leave it out: nothing but GET and HEAD is sent',
}

/** Checks the options. Throws `ERR_LIMPET_DOCTOR` with what to write instead. */
export function settingsOf(options: ExamineOptions, signal: AbortSignal): Settings {
  const { requests = 8, wait = 0, headers = {}, resolve, timeout = 120_000 } = options
  if (!(Number.isInteger(requests) && requests >= 3 && requests <= 100)) {
    throw new Trouble('the number of requests is to be from 3 to 100')
  }
  for (const [name, value] of Object.entries(headers)) checkField(name, value)
  if (options.cookie !== undefined) checkValue('cookie', options.cookie)
  if (resolve !== undefined && isIP(resolve) === 0) {
    throw new Trouble(`the address to resolve to is to be an IP address, and is ${printed(resolve)}`)
  }
  return {
    requests,
    wait: checkTime('wait', wait),
    timeout: checkTime('timeout', timeout),
    redirect: checkPath('redirect', options.redirect),
    missing: checkPath('missing', options.missing),
    ws: checkPath('ws', options.ws),
    headers,
    cookie: options.cookie,
    insecure: options.insecure ?? false,
    resolve,
    requestTimeout: Math.min(10_000, timeout),
    signal,
    pause: options.pause ?? ((milliseconds, signal) => sleep(milliseconds, undefined, { signal })),
    onProgress: options.onProgress ?? (() => undefined),
  }
}

function checkField(name: string, value: string): void {
  const instead = OWN[name.toLowerCase()]
  if (instead !== undefined) throw new Trouble(`the field ${name} is the doctor's own: ${instead}`)
  try {
    validateHeaderName(name)
  } catch (cause) {
    throw new Trouble(`${printed(name)} is no name of a field: write 'Name: value'`, { cause })
  }
  checkValue(name, value)
}

function checkValue(name: string, value: string): void {
  try {
    validateHeaderValue(name, value)
  } catch (cause) {
    throw new Trouble(`the value of ${printed(name)} has characters that no field may have`, { cause })
  }
}

function checkPath(name: string, path: string | undefined): string | undefined {
  if (path === undefined || (path.startsWith('/') && !path.startsWith('//'))) return path
  throw new Trouble(`${name} is to be a path of the site, as in /login, and is ${printed(path)}`)
}

function checkTime(name: string, milliseconds: number): number {
  if (milliseconds >= 0 && milliseconds <= 86_400_000) return milliseconds
  throw new Trouble(`${name} is to be at most a day`)
}
