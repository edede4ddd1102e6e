/** Wall-clock milliseconds since 1970. A parameter, so that tests decide what time it is. */
export type Clock = () => number
