import { backend, Client, site } from './backend.ts'

/** One client with data, and two backends. The store is one process away. */
export async function withData(given: Parameters<typeof site>[0] = {}) {
  const place = site(given)
  const here = backend(place, 'here')
  const there = backend(place, 'there')
  const client = new Client()
  await client.request(here, (session) => session.set({ user: 'ada', cart: 1 }))
  return { ...place, here, there, client }
}

export const places = [
  ['a store that tells of changes', {}],
  ['a store that does not', { tells: false }],
  ['a store in this process', { local: true, tells: false }],
] as const
