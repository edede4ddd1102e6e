import { type Fault, idsAs, keysAs, rowsAs, textsAs } from './fault.ts'

export const names: readonly Fault[] = [
  {
    name: 'does not tell ids apart by case',
    caughtBy: /^entries: sessions do not see each other/,
    store: idsAs((id) => id.toLowerCase()),
  },
  {
    name: 'does not tell keys apart by case',
    caughtBy: /^hostile: keys of every kind/,
    store: keysAs((key) => key.toLowerCase()),
  },
  { name: 'trims keys', caughtBy: /^hostile: keys of every kind/, store: keysAs((key) => key.trim()) },
  { name: 'normalises keys', caughtBy: /^hostile: keys of every kind/, store: keysAs((key) => key.normalize()) },
  {
    name: 'ends a key at NUL',
    caughtBy: /^hostile: keys of every kind/,
    store: keysAs((key) => key.split('\0')[0] ?? ''),
  },
  { name: 'cuts long keys', caughtBy: /^hostile: keys of every kind/, store: keysAs((key) => key.slice(0, 255)) },
  {
    name: 'keeps entries in an object',
    caughtBy: /^hostile: keys of every kind/,
    table: rowsAs((after) => {
      const object: Record<string, string> = {}
      for (const [key, text] of after.entries) object[key] = text
      return { ...after, entries: new Map(Object.entries(object)) }
    }),
  },
  {
    name: 'keeps values instead of texts',
    caughtBy: /^hostile: texts come back/,
    store: textsAs((text) => JSON.stringify(JSON.parse(text))),
  },
  {
    name: 'compares as a database with a collation',
    caughtBy: /^expectations: texts are compared/,
    store: (good) => ({
      async write(id, how) {
        const result = await good.write(id, how)
        const alike = (a = '', b = '') => a.localeCompare(b, 'en', { sensitivity: 'base' }) === 0
        if (result.kind !== 'conflict') return result
        if ([...result.found].some(([key, text]) => !alike(text, how.expect?.get(key)))) return result
        return good.write(id, { ...how, expect: undefined })
      },
    }),
  },
  {
    name: 'forgets a session with its last key',
    caughtBy: /^entries: a session whose last key is gone/,
    table: rowsAs((after) => (after.entries.size > 0 || after.ended ? after : { ...after, expires: 0 })),
  },
  {
    name: 'gives away the Map that it goes on writing to',
    caughtBy: /^entries: what was read stays as it was/,
    store(good) {
      const live = new Map<string, Map<string, string>>()
      return {
        async read(id, how) {
          const result = await good.read(id, how)
          if (result.kind !== 'found') return result
          const entries = live.get(id) ?? new Map<string, string>()
          live.set(id, entries)
          entries.clear()
          for (const [key, text] of result.entries) entries.set(key, text)
          return { ...result, entries }
        },
        async write(id, how) {
          const result = await good.write(id, how)
          for (const [key, text] of how.set) live.get(id)?.set(key, text)
          return result
        },
      }
    },
  },
]
