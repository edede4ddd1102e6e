/**
 * Control characters, line and paragraph ends, what is invisible or turns the direction of writing, and halves of
 * surrogate pairs.
 */
const UNPRINTABLE = /[\p{Control}\p{Format}\p{Line_Separator}\p{Paragraph_Separator}\p{Surrogate}]/gu

/**
 * Text of somebody else's for an error's text: short, and on one line. Raw, a session's key could begin a line of its
 * own in a log, or give orders to a terminal.
 */
export function printed(text: string, most = 40): string {
  const [begin, end] = text.length > most ? [text.slice(0, most), '...'] : [text, '']
  return begin.replace(UNPRINTABLE, escaped) + end
}

/** As JavaScript writes it. */
function escaped(character: string): string {
  const known = NAMES.get(character)
  if (known !== undefined) return known
  const code = (character.codePointAt(0) ?? 0).toString(16)
  if (code.length > 4) return `\\u{${code}}`
  return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])
