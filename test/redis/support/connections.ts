import type { Redis } from 'ioredis'
import { until } from '../../support/until.ts'

/** The connections that a store has opened: the one for commands, and the one on which messages come. */
export interface Own {
  readonly data: number
  readonly second: number
}

interface Line {
  readonly id: number
  readonly flags: string
  readonly isListening: boolean
}

/** What is connected to a server. */
export async function lines(admin: Redis): Promise<Line[]> {
  const text = String(await admin.call('CLIENT', 'LIST'))
  return text
    .trim()
    .split('\n')
    .map((line) => ({
      id: Number(/\bid=(\d+)/.exec(line)?.[1]),
      flags: /\bflags=(\S+)/.exec(line)?.[1] ?? '',
      isListening: !/\bsub=0\b/.test(line),
    }))
}

export async function count(admin: Redis): Promise<number> {
  return (await lines(admin)).length
}

/** The connections of the store that was connected last; with `besides`, of another one than that. */
export async function ownOf(admin: Redis, besides?: Own): Promise<Own> {
  return until(async () => {
    const all = (await lines(admin)).filter(({ id }) => id !== besides?.data && id !== besides?.second)
    const data = all.filter(({ flags }) => flags.includes('t')).at(-1)
    const second = all.filter(({ isListening }) => isListening).at(-1)
    return data && second ? { data: data.id, second: second.id } : undefined
  }, 'the store has its connections')
}

export async function isBlocked(admin: Redis, connection: number): Promise<boolean> {
  return (await lines(admin)).some(({ id, flags }) => id === connection && flags.includes('b'))
}

export async function kill(admin: Redis, connection: number): Promise<void> {
  await admin.call('CLIENT', 'KILL', 'ID', String(connection))
}
