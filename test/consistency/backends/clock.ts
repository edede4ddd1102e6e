/**
 * Loaded before everything else in a backend whose clock is wrong: `Date` is off by CLOCK_SHIFT milliseconds. Timers and `performance` go
 * on as they are, as on a machine whose wall clock was set wrongly.
 */
const shift = Number(process.env.CLOCK_SHIFT ?? 0)
const RealDate = Date

if (shift !== 0) {
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [RealDate.now() + shift] : args, newTarget),
    apply: (target) => new target(RealDate.now() + shift).toString(),
    get: (target, property, receiver) =>
      property === 'now' ? () => RealDate.now() + shift : Reflect.get(target, property, receiver),
  })
}
