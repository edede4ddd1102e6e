import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { printed } from '../../core/printed.ts'
import { judge, type Report } from '../report.ts'
import { Trouble } from '../trouble.ts'
import { readHar } from './read-har.ts'

/** Bytes. A recording with all bodies in it may be larger: it can be exported without. */
const MOST_BYTES = 100_000_000

/**
 * Judges a recording of a browser (HAR) with the checks of `examine`. Nothing is sent anywhere.
 *
 * @throws `ERR_LIMPET_DOCTOR` when the file is none, or holds nothing that could be checked.
 */
export async function examineRecording(file: string): Promise<Report> {
  return judge(basename(file), readHar(await read(file)))
}

async function read(file: string): Promise<string> {
  const name = printed(file, 120)
  try {
    const handle = await open(file)
    try {
      const { size } = await handle.stat()
      if (size > MOST_BYTES) {
        throw new Trouble(
          `${name} has ${Math.round(size / 1e6)} MB, and at most ${MOST_BYTES / 1e6} are read: record less`,
        )
      }
      return await handle.readFile('utf8')
    } finally {
      await handle.close()
    }
  } catch (cause) {
    if (cause instanceof Trouble) throw cause
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'an error'
    throw new Trouble(`${name} could not be read: ${code}`, { cause })
  }
}
