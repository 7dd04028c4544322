// Builds dist-lambda/org/, or the folder that is named: the function of a run over an organisation (deploy/org-scan). It has every
// collector, and reads what AWS Config and rel09 write.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
await import('./generate.mjs')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const outdir = resolve(process.argv[2] ?? join(root, 'dist-lambda/org'))

rmSync(outdir, { recursive: true, force: true })
mkdirSync(outdir, { recursive: true })
await build({
  absWorkingDir: root,
  entryPoints: { index: 'src/hosts/org-lambda.ts' },
  outdir,
  bundle: true,
  // What is loaded on demand (S3, the collectors, YAML) is compiled only then.
  format: 'esm',
  splitting: true,
  outExtension: { '.js': '.mjs' },
  chunkNames: '[name]-[hash]',
  platform: 'node',
  target: 'node22',
  minify: true,
  legalComments: 'linked',
  mainFields: ['module', 'main'],
  define: { REL09_VERSION: JSON.stringify(version) },
  // CommonJS dependencies ask for `require`; a short name here could meet one of the minifier's.
  banner: {
    js: "import { createRequire as __rel09CreateRequire } from 'node:module'; const require = __rel09CreateRequire(import.meta.url);",
  },
  logLevel: 'warning',
})
