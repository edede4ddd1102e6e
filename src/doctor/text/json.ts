/** Characters that JSON may hold as they are, and that give orders to terminals or hide. */
const RAW = /[\u007f-\u009f\p{Format}\p{Line_Separator}\p{Paragraph_Separator}]/gu

/** JSON that is safe on a terminal, too: the same data, with more of it escaped. */
export function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2).replace(RAW, escapedUnits)}\n`
}

function escapedUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}
