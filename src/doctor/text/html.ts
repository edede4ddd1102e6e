import { printed } from '../../core/printed.ts'

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text of anybody for a page: no markup, and nothing invisible. */
export function escaped(text: string, most = 300): string {
  return printed(text, most).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}
