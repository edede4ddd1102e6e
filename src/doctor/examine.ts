import { observe } from './prober/observe.ts'
import type { ExamineOptions } from './prober/settings.ts'
import { judge, type Report } from './report.ts'

/**
 * Looks at a deployed site from outside, and reports why its sessions get lost. It sends GET and HEAD to the host of
 * the URL and nothing else, about 40 requests.
 *
 * @example
 * ```ts
 * const { verdict, findings } = await examine('https://shop.example', { redirect: '/login' })
 * for (const { level, id, text } of findings) console.log(level, id, text)
 * ```
 *
 * @throws `ERR_LIMPET_DOCTOR` when it could not check: the message says why, and what to do.
 */
export async function examine(url: string | URL, options: ExamineOptions = {}): Promise<Report> {
  return judge(String(url), await observe(url, options))
}
