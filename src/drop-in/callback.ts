/** As in express-session: called once, later, with an error or without. */
// biome-ignore lint/suspicious/noExplicitAny: express-session's own type
export type Callback = (error?: any) => void

/** Calls back when it is done; never at once, and what the callback throws is nobody's rejection. */
export function callBack(work: Promise<unknown>, callback: Callback | undefined): void {
  work.then(
    () => setImmediate(() => callback?.()),
    (error) => setImmediate(() => callback?.(error)),
  )
}
