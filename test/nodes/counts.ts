/** How many tests passed and failed. What could not be counted is a failure. */
export interface Counts {
  readonly passed: number
  readonly failed: number
}

/** The parts of vitest's JSON report that are used here. */
interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly unknown[]
  }[]
}

/** A whole run that came to nothing: it did not start, or it found no test. */
const NOTHING: Counts = { passed: 0, failed: 1 }

/**
 * What a run of vitest came to. `report`: its JSON; undefined, empty or cut off when it never came so far. `code`: its exit code; one other than 0
 * is a failure even where every counted test passed (an error outside of tests, a file that could not be loaded).
 */
export function countsOfReport(report: string | undefined, code: number | null): Counts {
  const parsed = parse(report)
  if (!parsed) return NOTHING
  // A file without a single test counts as one failure.
  const unloadable = parsed.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  return judged({ passed: parsed.numPassedTests, failed: parsed.numFailedTests + unloadable.length }, code)
}

/** What a command came to whose last line is `N passed, N failed`. */
export function countsOfOutput(output: string, code: number | null): Counts {
  const last = output.trimEnd().split('\n').at(-1) ?? ''
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/.exec(last.trim()) ?? []
  if (passed === undefined || failed === undefined) return NOTHING
  return judged({ passed: Number(passed), failed: Number(failed) }, code)
}

export function sum(all: readonly Counts[]): Counts {
  if (all.length === 0) return NOTHING
  return all.reduce((one, other) => ({ passed: one.passed + other.passed, failed: one.failed + other.failed }))
}

export function inWords({ passed, failed }: Counts): string {
  return `${passed} passed, ${failed} failed`
}

function judged({ passed, failed }: Counts, code: number | null): Counts {
  if (failed > 0) return { passed, failed }
  return { passed, failed: code === 0 && passed > 0 ? 0 : 1 }
}

function parse(report: string | undefined): Report | undefined {
  try {
    const parsed = JSON.parse(report ?? '') as Report
    return Array.isArray(parsed.testResults) ? parsed : undefined
  } catch {
    return undefined
  }
}
