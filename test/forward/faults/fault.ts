import { expect } from 'vitest'
import { type Answer, cookieOf, type Sending, send } from '../support/client.ts'
import { acquainted, BackendProcess } from '../support/process.ts'

/** What a client did, and what it saw. */
export type Row = readonly [did: string, saw: string]

/** Something goes wrong between real processes. `run` resolves to what the clients saw; it fails when that is not what is promised. */
export interface Fault {
  readonly title: string
  /** How it is made, in a sentence. */
  readonly how: string
  run(stage: Stage): Promise<readonly Row[]>
}

/** Where a fault is played: it ends what it began. */
export class Stage {
  readonly redisUrl: string
  readonly #started: BackendProcess[] = []

  constructor(redisUrl: string) {
    this.redisUrl = redisUrl
  }

  /** Backends that know each other. `shift`: by how many milliseconds the clock of the last one is off. `urls`: where peers reach them. */
  async start<Ids extends readonly string[]>(
    ids: readonly [...Ids],
    { redisUrl = this.redisUrl, shift = 0, urls = [] as readonly string[] } = {},
  ): Promise<{ [I in keyof Ids]: BackendProcess }> {
    const all = await Promise.all(
      ids.map((id, i) =>
        BackendProcess.start(
          id,
          redisUrl,
          'worker.ts',
          urls[i] === undefined ? [] : [urls[i]],
          undefined,
          i === ids.length - 1 ? shift : 0,
        ),
      ),
    )
    this.#started.push(...all)
    await acquainted(all)
    return all as { [I in keyof Ids]: BackendProcess }
  }

  async end(): Promise<void> {
    for (const one of this.#started) await one.kill()
  }
}

/** A cookie of a session with data that is at home on this backend. */
export async function homeOn(backend: BackendProcess): Promise<{ cookie: string }> {
  const answer = await send(backend.port, '/store', { method: 'POST' })
  expect(answer.text).toBe(backend.id)
  return { cookie: cookieOf(answer) }
}

/** What a client saw of an answer, whoever gave it: `names` says what to call the backends. */
export function seen({ status, text }: Answer, names: Readonly<Record<string, string>> = {}): string {
  const words = text.trim().split('\n')[0] ?? ''
  return `${status}, ${names[words] ?? `"${words}"`}`
}

/** The same for a request that may break off. */
export async function sees(port: number, path: string, sending: Sending, names: Readonly<Record<string, string>>) {
  return send(port, path, sending).then(
    (answer) => seen(answer, names),
    () => 'the connection breaks off',
  )
}
