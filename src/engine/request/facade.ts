import { LimpetError } from '../../core/errors.ts'
import { printed } from '../../core/printed.ts'

/**
 * Lets methods be taken off: `const { get, set } = session`. Each look at one binds it, and engines leave that out
 * where it is called at once. A method of one's own may be put in its place, as spies and wrappers do.
 */
export function letDetach(prototype: object, names: readonly string[]): void {
  for (const name of names) {
    const method = Reflect.get(prototype, name) as (...args: never) => unknown
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: false,
      get(this: object | undefined) {
        // Spies call the getter alone, and then the method with its session.
        return this === undefined || this === prototype ? method : method.bind(this)
      },
      set(this: object, value: unknown) {
        Object.defineProperty(this, name, { value, configurable: true, enumerable: false, writable: true })
      },
    })
  }
}

/**
 * Refuses `session.user = 'ada'`, which would store nothing. One proxy at the end of the chain of prototypes sees what
 * is set and not there; what is there is found before it, and costs nothing more.
 */
export function refuseToSet(prototype: object): void {
  const end = Object.create(null)
  Object.setPrototypeOf(
    prototype,
    new Proxy(Object.setPrototypeOf(end, Object.prototype), {
      set(_target, name, value, session: object) {
        // Symbols are tools' own marks.
        if (typeof name === 'symbol') return Reflect.defineProperty(session, name, { value, ...OPEN })
        throw notSet(name)
      },
    }),
  )
}

const OPEN = { configurable: true, enumerable: false, writable: true }

function notSet(name: string): LimpetError {
  const key = printed(name)
  return new LimpetError(
    'ERR_LIMPET_KEY',
    `session.${key} = ... stores nothing: write await session.set('${key}', value), and read it with await session.get('${key}')`,
  )
}
