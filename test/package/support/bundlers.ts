import { createRequire } from 'node:module'
import { join } from 'node:path'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { type BuildOptions, build } from 'esbuild'
import { type Plugin, rollup } from 'rollup'
import webpack from 'webpack'

const require = createRequire(import.meta.url)
// Their types say that they are called as `default`, which they are not.
const commonjs: () => Plugin = require('@rollup/plugin-commonjs')
const json: () => Plugin = require('@rollup/plugin-json')

/** Makes one file or folder of an application and all that it needs, and returns what to run. */
export type Bundle = (project: string, into: string) => Promise<string>

/** What esbuild's own pages put before a bundle of ES modules in which CommonJS asks for Node's modules. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

function withEsbuild(entry: string, out: string, options: BuildOptions): Bundle {
  return async (project, into) => {
    const outfile = join(into, out)
    const common: BuildOptions = { bundle: true, platform: 'node', logLevel: 'silent', absWorkingDir: project }
    const { errors, warnings } = await build({ ...common, entryPoints: [join(project, entry)], outfile, ...options })
    const told = [...errors, ...warnings].map(({ text }) => text)
    if (told.length > 0) throw new Error(told.join('\n'))
    return outfile
  }
}

function withWebpack(entry: string): Bundle {
  return (project, into) =>
    new Promise((resolve, reject) => {
      const filename = `webpack-${entry.replace('.', '-')}.cjs`
      const options: webpack.Configuration = {
        mode: 'production',
        target: 'node20',
        context: project,
        entry: join(project, entry),
        output: { path: into, filename, chunkFilename: `${filename}.[id].cjs` },
        optimization: { minimize: false },
      }
      webpack(options, (error, stats) => {
        const errors = stats?.toJson({ all: false, errors: true }).errors ?? []
        if (error ?? errors.length > 0) reject(error ?? new Error(errors.map(({ message }) => message).join('\n')))
        else resolve(join(into, filename))
      })
    })
}

const withRollup: Bundle = async (project, into) => {
  const plugins = [nodeResolve({ exportConditions: ['node'], preferBuiltins: true }), commonjs(), json()]
  const made = await rollup({ input: join(project, 'app.mjs'), plugins, logLevel: 'silent' })
  await made.write({ dir: join(into, 'rollup'), entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' })
  await made.close()
  return join(into, 'rollup', 'app.mjs')
}

export const BUNDLES: readonly (readonly [string, Bundle])[] = [
  ['esbuild, CommonJS of CommonJS', withEsbuild('app.cjs', 'esbuild-cjs.cjs', { format: 'cjs' })],
  ['esbuild, CommonJS of ES modules', withEsbuild('app.mjs', 'esbuild-mixed.cjs', { format: 'cjs' })],
  ['esbuild, ES modules', withEsbuild('app.mjs', 'esbuild.mjs', { format: 'esm', banner: { js: REQUIRE } })],
  ['webpack, of CommonJS', withWebpack('app.cjs')],
  ['webpack, of ES modules', withWebpack('app.mjs')],
  ['rollup', withRollup],
]

/** The client stays outside of the bundle, and so has to be found where the bundle is. */
export const withoutClient: Bundle = withEsbuild('app.mjs', 'esbuild-external.mjs', {
  format: 'esm',
  banner: { js: REQUIRE },
  external: ['ioredis', 'redis'],
})
