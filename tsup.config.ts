import { rmSync } from 'node:fs'
import { appendFile, copyFile } from 'node:fs/promises'
import { defineConfig, type Options } from 'tsup'

// Not by `clean`: each build below would remove what the others have written.
rmSync(new URL('./dist', import.meta.url), { recursive: true, force: true })

const common: Options = { target: 'node20', platform: 'node', sourcemap: false }

const entries: Options = {
  ...common,
  entry: {
    index: 'src/index.ts',
    koa: 'src/koa.ts',
    fastify: 'src/fastify.ts',
    hono: 'src/hono.ts',
    redis: 'src/redis.ts',
    hints: 'src/hints.ts',
    testing: 'src/testing.ts',
    doctor: 'src/doctor.ts',
    'express-session': 'src/express-session.ts',
    'koa-session': 'src/koa-session.ts',
    metrics: 'src/metrics.ts',
    opentelemetry: 'src/opentelemetry.ts',
    undici: 'src/undici.ts',
  },
  // One copy of the code behind all entries, in CommonJS too: `limpet` and `limpet/koa` must not be two libraries.
  splitting: true,
  treeshake: true,
  // cockatiel is a devDependency, so a part of it goes into the build: loading all of its 60 files took as long as everything else together.
  // As ES modules, so that what is not used is left out.
  esbuildOptions: (options) => {
    options.mainFields = ['module', 'main']
  },
}

/** Each format loads Redis clients in its own way, which Node, Jest and bundlers all see: `import()`, or `require` in a file that is left as it is. */
const requiresPeers: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'requires-peers',
  setup: (build) => build.onResolve({ filter: /\/peers\.ts$/ }, () => ({ path: './peers.cjs', external: true })),
}

/** The doctor's cookie jar is a file of its own, for both formats: it is large, and nothing but the doctor loads it. */
const requiresJar: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'requires-jar',
  setup: (build) => build.onResolve({ filter: /\/jar\.ts$/ }, () => ({ path: './jar.cjs', external: true })),
}

/** Those of the packages that go into the build. */
async function copyLicenses(): Promise<void> {
  for (const name of ['cockatiel', 'tough-cookie', 'tldts']) {
    await copyFile(`node_modules/${name}/LICENSE`, `dist/${name}.LICENSE`)
  }
}

/** `require('limpet/express-session')` is the function itself, as with the packages whose place they take. */
async function makeCallable(): Promise<void> {
  for (const name of ['express-session', 'koa-session']) {
    await appendFile(`dist/${name}.cjs`, '\nmodule.exports = Object.assign(exports.default, exports)\n')
  }
}

export default defineConfig([
  {
    ...entries,
    entry: { ...(entries.entry as Record<string, string>), cli: 'src/cli.ts' },
    format: 'esm',
    esbuildPlugins: [requiresJar],
    onSuccess: copyLicenses,
  },
  { ...entries, format: 'cjs', esbuildPlugins: [requiresPeers, requiresJar], onSuccess: makeCallable },
  { ...common, entry: { jar: 'src/doctor/wire/jar.ts' }, format: 'cjs', minify: true, noExternal: [/.*/] },
  { ...common, entry: { peers: 'src/redis/client/peers.cts' }, format: 'cjs', external: ['ioredis', 'redis'] },
  // Its types are those of @types/koa-session, as tsconfig.json says, and stay outside.
  { ...entries, format: ['esm', 'cjs'], dts: { only: true }, external: ['koa-session'] },
])
