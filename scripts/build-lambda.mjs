// Builds dist-lambda/, or the folder that is named: each Lambda function as a folder, and as the zip that is deployed.
//   config-rules   answers rules of AWS Config; it reads what AWS Config and rel09 write, no templates, and has no collectors of stores
//   collector      takes the snapshot that scheduled rules read
//   org-scan       a step of a run over an organisation (deploy/org-scan): it reads what is in its bucket, or AWS by every collector
// The zips are the same bytes wherever and whenever they are made: of the same files, in order, without times.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { zipSync } from 'fflate'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
await import('./generate.mjs')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const outdir = resolve(process.argv[2] ?? join(root, 'dist-lambda'))

/** What is in the buckets of AWS Config and of the collector. */
const delivered = ['config-delivery', 'snapshot']

/** Each function's entry, and the kinds of input that it reads: of what is, never of templates. */
const functions = {
  'config-rules': { entry: 'src/hosts/lambda.ts', sources: delivered },
  collector: { entry: 'src/hosts/collector.ts', sources: delivered },
  'org-scan': {
    entry: 'src/hosts/org-lambda.ts',
    sources: [...delivered, 'config-event', 'config-item', 'config-query'],
  },
}

const only = sources => ({
  name: 'only-these-sources',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/]generated[\\/]sources\.ts$/ }, () => ({
      contents: `${sources.map((name, i) => `import { source as source${i} } from '../sources/${name}.ts'`).join('\n')}
        export const sources = [${sources.map((_, i) => `source${i}`)}]`,
      loader: 'ts',
    }))
  },
})

/** The first moment that a zip can tell, wherever it is made. */
const noTime = new Date(1980, 0, 1)

/** Everybody may read the files: Lambda runs them as a user of its own. */
const readable = { os: 3, attrs: 0o100644 << 16 }

function zip(folder) {
  const names = readdirSync(folder).sort()
  return zipSync(Object.fromEntries(names.map(name => [name, readFileSync(join(folder, name))])), {
    level: 9,
    mtime: noTime,
    ...readable,
  })
}

async function bundle(name, { entry, sources }) {
  const folder = join(outdir, name)
  mkdirSync(folder, { recursive: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { index: entry },
    outdir: folder,
    bundle: true,
    // What is loaded on demand (S3, Parameter Store, the collectors, YAML) is compiled only then.
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
    plugins: [only(sources)],
    // CommonJS dependencies ask for `require`; a short name here could meet one of the minifier's.
    banner: {
      js: "import { createRequire as __rel09CreateRequire } from 'node:module'; const require = __rel09CreateRequire(import.meta.url);",
    },
    metafile: true,
    logLevel: 'warning',
  })
  writeFileSync(join(outdir, `${name}.zip`), zip(folder))
  return metafile
}

rmSync(outdir, { recursive: true, force: true })
for (const [name, parts] of Object.entries(functions)) {
  const metafile = await bundle(name, parts)
  if (process.env.REL09_METAFILE) writeFileSync(`${process.env.REL09_METAFILE}.${name}`, JSON.stringify(metafile))
}
