import { sleep } from './redis-pair.ts'

/** Milliseconds in which backends that are well again answer. */
const RECOVERY = 10_000
/** Answers in a row, and milliseconds between them. */
const GOOD = 4
const PAUSE = 50

/** Sends one request, and waits for whatever comes. */
export async function ask(port: number, path: string): Promise<number> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(RECOVERY) })
    await response.arrayBuffer()
    return response.status
  } catch {
    return 0
  }
}

/** Resolves when every backend has saved something several times in a row; gives up in the end. */
export async function healthy(ports: readonly number[], over: () => boolean): Promise<void> {
  const giveUp = performance.now() + RECOVERY
  for (let good = 0; good < GOOD && !over() && performance.now() < giveUp; ) {
    const statuses = await Promise.all(ports.map((port) => ask(port, '/set?probe=1')))
    good = statuses.every((status) => status === 200) ? good + 1 : 0
    await sleep(PAUSE)
  }
}
