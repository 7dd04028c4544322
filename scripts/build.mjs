// Builds dist/, or the folder that is named: one small entry and lazily loaded chunks. `rel09 scan` must start nearly as fast
// as bare Node.
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
await import('./generate.mjs')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const outdir = resolve(process.argv[2] ?? join(root, 'dist'))
rmSync(outdir, { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: { cli: 'src/hosts/cli.ts' },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  keepNames: false,
  legalComments: 'linked',
  define: { REL09_VERSION: JSON.stringify(version) },
  // CommonJS dependencies ask for `require`; a short name here could meet one of the minifier's.
  banner: {
    js: "import { createRequire as __rel09CreateRequire } from 'node:module'; const require = __rel09CreateRequire(import.meta.url);",
  },
  logLevel: 'warning',
})
chmodSync(join(outdir, 'cli.js'), 0o755)
