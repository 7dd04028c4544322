// Builds dist-action/: the GitHub Action as one file, with everything that it needs. A release workflow puts it on the tags
// (`.github/workflows/release.yml`); it is not committed.
import { readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
await import('./generate.mjs')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
rmSync(join(root, 'dist-action'), { recursive: true, force: true })

/** The parts of @actions/core that open connections or run programs. The Action uses neither: no HTTP client is in it. */
const withoutNetwork = {
  name: 'without-network',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/(oidc-utils|platform)\.js$/ }, ({ path, importer }) =>
      importer.includes('@actions') ? { path, namespace: 'without-network' } : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'without-network' }, () => ({ contents: 'export class OidcClient {}' }))
  },
}

await build({
  absWorkingDir: root,
  entryPoints: { index: 'src/hosts/action.ts' },
  outdir: 'dist-action',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  legalComments: 'linked',
  define: { REL09_VERSION: JSON.stringify(version) },
  plugins: [withoutNetwork],
  // CommonJS dependencies ask for `require`; a short name here could meet one of the minifier's.
  banner: {
    js: "import { createRequire as __rel09CreateRequire } from 'node:module'; const require = __rel09CreateRequire(import.meta.url);",
  },
  logLevel: 'warning',
})
