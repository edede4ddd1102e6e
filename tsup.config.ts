import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    koa: 'src/koa.ts',
    redis: 'src/redis.ts',
    testing: 'src/testing.ts',
  },
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'node',
  dts: true,
  // One copy of the code behind all entries, in CommonJS too: `limpet` and `limpet/koa` must not be two libraries.
  splitting: true,
  // createRequire(import.meta.url) has to work in the CommonJS build.
  shims: true,
  sourcemap: false,
  clean: true,
  treeshake: true,
})
