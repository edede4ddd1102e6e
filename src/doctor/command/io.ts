/** What a command may touch; the command line hands it over. */
export interface Io {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  /** Standard input, or its beginning: a cookie is short. */
  readonly input: () => Promise<string>
  readonly outIsTerminal: boolean
  readonly errIsTerminal: boolean
  readonly inIsTerminal: boolean
  /** Characters of a line on the terminal. */
  readonly columns: number
  readonly now: () => number
  /** Ctrl-C. */
  readonly signal: AbortSignal
  readonly version: string
}

/** 0: healthy. 1: findings of level error. 2: it could not be checked. */
export type ExitCode = 0 | 1 | 2
