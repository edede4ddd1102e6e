export interface Gate<T> {
  readonly promise: Promise<T>
  readonly open: (value: T) => void
}

/** A promise that is resolved from outside. */
export function gate<T = void>(): Gate<T> {
  let open: (value: T) => void = () => {}
  const promise = new Promise<T>((resolve) => {
    open = resolve
  })
  return { promise, open }
}
