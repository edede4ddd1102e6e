import type { Fault, Op } from '../history.ts'
import { checkLogins } from './logins.ts'
import { checkLogouts } from './logouts.ts'
import { checkPages, dropped } from './pages.ts'
import { Story } from './story.ts'
import { checkTimeouts } from './timeouts.ts'
import { checkUpdates } from './updates.ts'
import type { Terms, Violation } from './verdict.ts'

/** The stories of a history, each judged alone. One fault of each kind in one story is told once. */
export function checkStories(
  ops: readonly Op[],
  lossy: readonly Fault[],
  terms: Terms | undefined,
): { violations: Violation[]; dropped: number } {
  const all = new Map<number, Op[]>()
  for (const op of ops) if (op.story !== undefined) all.set(op.story, [...(all.get(op.story) ?? []), op])
  const stories = [...all.values()].map((own) => new Story(own, lossy, terms))
  return {
    violations: stories.flatMap((story) =>
      story.ops[0]?.idle === undefined
        ? [...checkLogouts(story), ...checkLogins(story), ...checkPages(story), ...checkUpdates(story)]
        : checkTimeouts(story, story.ops[0].idle),
    ),
    dropped: stories.reduce((sum, story) => sum + dropped(story).length, 0),
  }
}
