import { backend, Client, site } from './backend.ts'

export const add = (n: unknown) => ((n as number | undefined) ?? 0) + 1

/** A client whose session holds a number under `n`, written here. An update's function may take a second. */
export async function counterAt(value: number, given: Parameters<typeof site>[0] = {}) {
  const place = site(given)
  const here = backend(place, 'here', { storeTimeout: 1000 })
  const there = backend(place, 'there')
  const client = new Client()
  await client.request(here, (session) => session.set('n', value))
  return { ...place, here, there, client }
}
