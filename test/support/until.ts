/** Waits until `condition` returns something true, and resolves to it. Looks every few milliseconds; gives up after `limit`. */
export async function until<T>(condition: () => T | Promise<T>, what: string, limit = 15_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + limit
  let last: unknown
  for (;;) {
    try {
      const value = await condition()
      if (value) return value
      last = value
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline) throw new Error(`waited ${limit} ms in vain until ${what}`, { cause: last })
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
