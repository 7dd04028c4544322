// Builds dist-lambda/, or the folder that is named: the function of AWS Config rules, to be zipped. It reads
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
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { index: 'src/hosts/lambda.ts' },
  outdir,
  bundle: true,
  // What is loaded on demand (S3, Parameter Store, what reads AWS Backup, YAML) is compiled only then.
  format: 'esm',
  splitting: true,
  outExtension: { '.js': '.mjs' },
  chunkNames: '[name]-[hash]',
  platform: 'node',
  target: 'node22',
  minify: true,
  legalComments: 'linked',
  // As modules the clients are bundled with no more than the commands that are used.
  mainFields: ['module', 'main'],
  define: { REL09_VERSION: JSON.stringify(version) },
  plugins: [onlyStored],
  // CommonJS dependencies ask for `require`; a short name here could meet one of the minifier's.
  banner: {
    js: "import { createRequire as __rel09CreateRequire } from 'node:module'; const require = __rel09CreateRequire(import.meta.url);",
  },
  metafile: true,
  logLevel: 'warning',
})
if (process.env.REL09_METAFILE) writeFileSync(process.env.REL09_METAFILE, JSON.stringify(metafile))
