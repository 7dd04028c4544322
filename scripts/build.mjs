// Builds dist/: one small entry and lazily loaded chunks. `rel09 scan` must start nearly as fast as bare Node.
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
await import('./generate.mjs')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const main = 'src/hosts/cli.ts'

/** What a plain scan loads. Each file costs a start its round trip, so all of this is to be one. */
const common = ['./src/commands/scan.ts', './src/reporters/json.ts', './src/reporters/text.ts', 'commander']

const options = {
  absWorkingDir: root,
  entryPoints: { cli: main },
  outdir: 'dist',
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
}

/** The modules that are imported lazily: esbuild makes each an entry of its own. */
async function lazyModules() {
  const { metafile } = await build({ ...options, write: false, metafile: true })
  const entries = Object.values(metafile.outputs).flatMap(({ entryPoint }) => entryPoint ?? [])
  return new Set(entries.filter(entry => entry !== main).map(entry => join(root, entry)))
}

/**
 * esbuild splits by which entries reach a module, into dozens of chunks. Where every lazy module also imports what is
 * common, all of that is reached by the same entries, and is one chunk.
 */
const holdTogether = lazy => ({
  name: 'hold-together',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^rel09:common$/ }, () => ({ path: 'common', namespace: 'rel09' }))
    onLoad({ filter: /.*/, namespace: 'rel09' }, () => ({
      contents: common.map(path => `import '${path}'\n`).join(''),
      resolveDir: root,
    }))
    onLoad({ filter: /\.[mc]?[jt]s$/ }, ({ path }) =>
      lazy.has(path)
        ? {
            contents: `${readFileSync(path, 'utf8')}\nimport 'rel09:common'\n`,
            loader: path.endsWith('.ts') ? 'ts' : 'js',
          }
        : undefined,
    )
  },
})

/**
 * Parts of dependencies that rel09 never uses, and that load parts of Node when they start: commander runs subcommands that
 * are programs of their own, chalk asks whether the process has a terminal (`wantsColour` in src/hosts decides that).
 */
const unused = [
  { package: 'commander', module: /^node:child_process$/, contents: 'module.exports = {}' },
  { package: 'chalk', module: /^#supports-color$/, contents: 'export default { stdout: false, stderr: false }' },
]

const leaveOut = {
  name: 'leave-out',
  setup({ onResolve, onLoad }) {
    for (const { package: name, module, contents } of unused) {
      onResolve({ filter: module }, ({ importer }) =>
        importer.split(/[\\/]/).includes(name) ? { path: name, namespace: `unused-${name}` } : undefined,
      )
      onLoad({ filter: /.*/, namespace: `unused-${name}` }, () => ({ contents }))
    }
  },
}

rmSync(join(root, 'dist'), { recursive: true, force: true })
await build({ ...options, plugins: [leaveOut, holdTogether(await lazyModules())] })
chmodSync(join(root, 'dist/cli.js'), 0o755)
