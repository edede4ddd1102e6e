import type { Op, Value } from '../consistency/history.ts'
import { KEYS, type Step, USER } from './plan.ts'
import type { Served } from './subject.ts'

/** What one request does to one key. */
export type Touch = Pick<Op, 'kind' | 'key' | 'value'>

/** What a request means to do, as it is written down if no answer comes. */
export function touches({ id, act, key, client }: Step, ghost: boolean): Touch[] {
  const value = `c${client}.${id}`
  switch (act) {
    case 'get':
      return [{ kind: ghost ? 'ghost' : 'read', key, value: null }]
    case 'all':
      return KEYS.map((one) => ({ kind: ghost ? 'ghost' : 'read', key: one, value: null }))
    case 'set':
      return [{ kind: 'write', key, value }]
    case 'add':
      return [{ kind: 'add', key, value: null }]
    case 'login':
      return [
        { kind: 'login', key: '', value: null },
        { kind: 'write', key: USER, value },
      ]
    case 'logout':
      return [{ kind: 'logout', key: '', value: null }]
  }
}

/** The application: does what the step says, and returns the same with what was seen. */
export async function handle(
  served: Served,
  { id, act, key, client }: Step,
  planned: readonly Touch[],
): Promise<Touch[]> {
  const value = `c${client}.${id}`
  switch (act) {
    case 'get': {
      const seen = asValue(await served.get(key))
      return planned.map((touch) => ({ ...touch, value: seen }))
    }
    case 'all': {
      const all = await served.all()
      return planned.map((touch) => ({ ...touch, value: asValue(all[touch.key]) }))
    }
    case 'set':
      await served.set({ [key]: value })
      return [...planned]
    case 'add': {
      const sum = await served.add(key)
      return planned.map((touch) => ({ ...touch, value: sum }))
    }
    case 'login':
      await served.login({ [USER]: value })
      return [...planned]
    case 'logout':
      await served.logout()
      return [...planned]
  }
}

function asValue(value: unknown): Value {
  return typeof value === 'string' || typeof value === 'number' ? value : null
}
