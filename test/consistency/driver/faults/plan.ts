import type { Fleet } from '../fleet.ts'
import type { Random } from '../random.ts'
import type { RedisPair } from '../redis-pair.ts'

export interface Scene {
  readonly fleet: Fleet
  readonly redis: RedisPair
  readonly random: Random
  /** The deadline that limpet gives a store call. */
  readonly storeTimeout: number
  /** Resolves when every backend answers reads and writes again. */
  readonly healthy: () => Promise<void>
  /** Sends one request to one backend, past all clients. */
  readonly ask: (backend: number, path: string) => Promise<void>
}

export interface Plan {
  /** Acknowledged writes can be gone afterwards. */
  readonly lossy?: boolean
  /** It is to be the only thing that is wrong: what other faults left behind is waited for. */
  readonly alone?: boolean
  /** Resolves to the one backend that it struck, if it was one. */
  run(scene: Scene): Promise<number | undefined>
}

export function anyBackend({ fleet, random }: Scene): number {
  return random.between(0, fleet.ports.length - 1)
}
