/**
 * An entry of `Server-Timing` (W3C Server Timing) for people who look at a response. `owner`: the life of a backend,
 * which tells nothing but that it is another one. `ms`: how long it took.
 */
export function timingEntry(name: string, what: string, owner: string, ms?: number): string {
  return `${name};desc="${what}, owner ${owner}"${ms === undefined ? '' : `;dur=${ms.toFixed(2)}`}`
}

interface Head {
  getHeader(name: string): number | string | readonly string[] | undefined
  setHeader(name: string, value: string | readonly string[]): unknown
}

export function addTiming(head: Head, entry: string): void {
  const there = head.getHeader('Server-Timing')
  head.setHeader('Server-Timing', there === undefined ? entry : [there].flat().map(String).concat(entry))
}
