import { sleep } from './redis-pair.ts'

/** Milliseconds in which backends that are well again answer. */
const RECOVERY = 10_000
/** Answers in a row, and milliseconds between them. */
const GOOD = 4
const PAUSE = 50

/** Sends one request, and waits for whatever comes. */
export async function ask(port: number, path: string, cookie = ''): Promise<{ status: number; cookie: string }> {
  try {
    const signal = AbortSignal.timeout(RECOVERY)
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal, headers: cookie ? { cookie } : {} })
    await response.arrayBuffer()
    const set = response.headers.getSetCookie().map((one) => one.split(';', 1)[0])
    return { status: response.status, cookie: set.join('; ') }
  } catch {
    return { status: 0, cookie: '' }
  }
}

/** Resolves when every backend has saved something several times in a row, and read what another had saved; gives up in the end. */
export async function healthy(ports: readonly number[], over: () => boolean): Promise<void> {
  const giveUp = performance.now() + RECOVERY
  for (let good = 0; good < GOOD && !over() && performance.now() < giveUp; ) {
    const writes = await Promise.all(ports.map((port) => ask(port, '/set?probe=1')))
    const reads = await Promise.all(
      ports.map((port, index) => ask(port, '/get?key=probe', writes.at(index - 1)?.cookie)),
    )
    good = [...writes, ...reads].every(({ status }) => status === 200) ? good + 1 : 0
    await sleep(PAUSE)
  }
}
