// Builds dist-lambda/, or the folder that is named: the function of AWS Config rules as one file, to be zipped. It reads
// what AWS Config and rel09 write, no templates; the collectors of all the stores are not in it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
await import('./generate.mjs')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const outdir = resolve(process.argv[2] ?? join(root, 'dist-lambda'))

/** The kinds of input that lie in the buckets of AWS Config and of the collector. */
const sources = ['config-delivery', 'snapshot']

const onlyStored = {
  name: 'only-stored-inputs',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/]generated[\\/]sources\.ts$/ }, () => ({
      contents: `${sources.map((name, i) => `import { source as source${i} } from '../sources/${name}.ts'`).join('\n')}
        export const sources = [${sources.map((_, i) => `source${i}`)}]`,
      loader: 'ts',
    }))
  },
}

rmSync(outdir, { recursive: true, force: true })
mkdirSync(outdir, { recursive: true })
writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n')
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { index: 'src/hosts/lambda.ts' },
  outdir,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node22',
  minify: true,
  legalComments: 'linked',
  // As modules the clients are bundled with no more than the commands that are used.
  mainFields: ['module', 'main'],
  define: { REL09_VERSION: JSON.stringify(version) },
  plugins: [onlyStored],
  metafile: true,
  logLevel: 'warning',
})
if (process.env.REL09_METAFILE) writeFileSync(process.env.REL09_METAFILE, JSON.stringify(metafile))
