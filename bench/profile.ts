// npm run bench:profile: where the CPU time of one subject goes, function by function, beside the bare framework.
import { startRedis } from '../test/support/redis-server.ts'
import { pinCores } from './lib/cores.ts'
import { describe, environment } from './lib/environment.ts'
import { generator } from './lib/generator.ts'
import { mappedBuild } from './lib/mapped-build.ts'
import { nodeProgram } from './lib/nodes.ts'
import { parseFlags, positive, positiveInteger, runMain } from './lib/options.ts'
import { profileOf } from './lib/profile.ts'
import { profileReport } from './lib/profile-report.ts'
import { bareOf, chosenSubjects } from './lib/subjects.ts'

const flags = {
  subject: { type: 'string', help: 'whose profile (express-limpet-read)' },
  seconds: { type: 'string', help: 'length of the profile (5)' },
  'warm-up': { type: 'string', help: 'requests before it (50000)' },
  top: { type: 'string', help: 'how many functions and lines (20)' },
  node: { type: 'string', help: 'a line of Node like 24, or a program, for the server (own)' },
  load: { type: 'string', help: 'wrk or autocannon' },
} as const

runMain(async () => {
  const args = process.argv.slice(2)
  const options = parseFlags(flags, args)
  const name = options.subject ?? 'express-limpet-read'
  const subject = chosenSubjects([name]).find((one) => one.name === name)
  if (!subject) throw new Error('--subject needs a name')
  const top = positiveInteger('top', options.top, 20)
  const seconds = positive('seconds', options.seconds, 5)
  const warmUp = positiveInteger('warm-up', options['warm-up'], 50_000)
  const node = nodeProgram(options.node ?? 'own')
  const env = { BENCH_LIMPET: await mappedBuild() }
  const redis = await startRedis()
  try {
    const load = generator(options.load)
    const settings = { seconds, warmUp, generator: load, node, cores: pinCores(), redisUrl: redis.url, env }
    const bare = bareOf(subject.framework)
    const bareFrames = await profileOf(bare, settings)
    const report = profileReport(name, await profileOf(subject, settings), bare.name, bareFrames, top)
    const made = environment('bench:profile', args, node)
    process.stdout.write(`${report}\n\n${describe(made)}. Made by \`${made.command}\`.\n`)
  } finally {
    await redis.stop()
  }
})
