/** The key under which a session lies, as docs/redis.md says. */
export function keyOf(id: string, prefix = 'limpet:'): string {
  return `${prefix}{${id.slice(0, 2)}}${id.slice(2)}`
}
