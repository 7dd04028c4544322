// Builds dist/, or the folder that is named: one small entry, the command line in one chunk, and further chunks that are loaded where something needs
// them. `rel09 scan` must start nearly as fast as bare Node.
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
await import('./generate.mjs')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const outdir = resolve(process.argv[2] ?? join(root, 'dist'))

/** What a plain scan loads. Each file costs a start its round trip, so all of this is to be one. */
const commandLine = 'src/hosts/command-line.ts'

const options = {
  absWorkingDir: root,
  outdir,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  keepNames: false,
  legalComments: 'linked',
  define: { REL09_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
}

/** The process; it loads the command line. Apart from that it shares nothing with it, so that it is one file. */
const entry = {
  ...options,
  entryPoints: { cli: 'src/hosts/cli.ts' },
  plugins: [
    {
      name: 'apart',
      setup: ({ onResolve }) =>
        onResolve({ filter: /\/command-line\.ts$/ }, () => ({ path: './command-line.js', external: true })),
    },
  ],
}

/** The command line. CommonJS dependencies ask for `require`; a short name here could meet one of the minifier's. */
const chunks = {
  ...options,
  entryPoints: { 'command-line': commandLine },
  splitting: true,
  metafile: true,
  banner: {
    js: "import { createRequire as __rel09CreateRequire } from 'node:module'; const require = __rel09CreateRequire(import.meta.url);",
  },
}

/** The modules that are imported lazily: esbuild makes each an entry of its own. */
async function lazyModules() {
  const { metafile } = await build({ ...chunks, write: false })
  const entries = Object.values(metafile.outputs).flatMap(({ entryPoint }) => entryPoint ?? [])
  return new Set(entries.filter(path => path !== commandLine).map(path => join(root, path)))
}

/**
 * esbuild splits by which entries reach a module, into dozens of chunks. Where every lazy module also imports the command
 * line, all of that is reached by the same entries, and is one chunk.
 */
const holdTogether = lazy => ({
  name: 'hold-together',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.[mc]?[jt]s$/ }, ({ path }) =>
      lazy.has(path)
        ? {
            contents: `${readFileSync(path, 'utf8')}\nimport ${JSON.stringify(join(root, commandLine))}\n`,
            loader: path.endsWith('.ts') ? 'ts' : 'js',
          }
        : undefined,
    ),
})

/**
 * Parts of dependencies that rel09 never uses, and that load parts of Node when they start: commander runs subcommands that
 * are programs of their own, and as a module `node:process` makes all that the global one makes when asked; chalk asks whether
 * the process has a terminal (`wantsColour` in src/hosts decides that).
 */
const unused = [
  { package: 'commander', module: /^node:child_process$/, contents: 'module.exports = {}' },
  { package: 'commander', module: /^node:process$/, contents: 'module.exports = process' },
  { package: 'chalk', module: /^#supports-color$/, contents: 'export default { stdout: false, stderr: false }' },
]

const leaveOut = {
  name: 'leave-out',
  setup({ onResolve, onLoad }) {
    for (const [at, { package: name, module, contents }] of unused.entries()) {
      onResolve({ filter: module }, ({ importer }) =>
        importer.split(/[\\/]/).includes(name) ? { path: name, namespace: `unused-${at}` } : undefined,
      )
      onLoad({ filter: /.*/, namespace: `unused-${at}` }, () => ({ contents }))
    }
  },
}

rmSync(outdir, { recursive: true, force: true })
await build(entry)
chmodSync(join(outdir, 'cli.js'), 0o755)
await build({ ...chunks, plugins: [leaveOut, holdTogether(await lazyModules())] })
