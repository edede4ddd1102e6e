import { copyFile } from 'node:fs/promises'
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
  // cockatiel is a devDependency, so a part of it goes into the build: loading all of its 60 files took as long as everything else together.
  // As ES modules, so that what is not used is left out.
  esbuildOptions: (options) => {
    options.mainFields = ['module', 'main']
  },
  onSuccess: () => copyFile('node_modules/cockatiel/LICENSE', 'dist/cockatiel.LICENSE'),
})
