import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expectedBody, heat } from './contender.ts'
import { type Frame, framesBetween } from './cpu-profile.ts'
import type { Generator } from './generator.ts'
import { prepareJars } from './jar.ts'
import { type ServerSettings, startServer } from './server.ts'
import type { Subject } from './subjects.ts'

export interface ProfileSettings extends ServerSettings {
  readonly seconds: number
  readonly warmUp: number
  readonly generator: Generator
}

/** Frames with their time per request instead of in all. */
export async function profileOf(subject: Subject, settings: ProfileSettings): Promise<Frame[]> {
  const dir = mkdtempSync(join(tmpdir(), 'limpet-profile-'))
  const nodeArgs = ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', dir]
  const server = await startServer(subject.name, { ...settings, nodeArgs })
  const jars = await prepareJars(server.url, subject.before, 50)
  const load = { url: server.url, connections: 50, jars, expectedBody, renews: subject.renews === true }
  await heat(server, load, settings.generator, settings.warmUp)
  const before = await server.usage()
  const from = microseconds()
  await settings.generator.saturate(load, settings.seconds)
  const to = microseconds()
  const requests = (await server.usage()).requests - before.requests
  // The profile is written when the process ends.
  await server.stop()
  const frames = framesBetween(join(dir, readdirSync(dir)[0] ?? ''), from, to)
  rmSync(dir, { recursive: true })
  const perRequest = (time: number) => time / requests
  return frames.map((frame) => ({
    ...frame,
    self: perRequest(frame.self),
    lines: new Map([...frame.lines].map(([line, time]) => [line, perRequest(time)])),
  }))
}

/** The monotonic clock, which is the same for all processes of a machine and the one V8 stamps its samples with. */
const microseconds = () => Number(process.hrtime.bigint() / 1000n)
