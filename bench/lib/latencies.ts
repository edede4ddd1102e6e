import * as hdr from 'hdr-histogram-js'

/** Microseconds, up to a minute, to three digits. */
export function newLatencies(): hdr.Histogram {
  return hdr.build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 })
}
