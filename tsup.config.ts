import { rmSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
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
    testing: 'src/testing.ts',
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

export default defineConfig([
  { ...entries, format: 'esm', onSuccess: () => copyFile('node_modules/cockatiel/LICENSE', 'dist/cockatiel.LICENSE') },
  { ...entries, format: 'cjs', esbuildPlugins: [requiresPeers] },
  { ...common, entry: { peers: 'src/redis/client/peers.cts' }, format: 'cjs', external: ['ioredis', 'redis'] },
  { ...entries, format: ['esm', 'cjs'], dts: { only: true } },
])
