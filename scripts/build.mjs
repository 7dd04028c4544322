// Builds dist/, or the folder that is named: one small entry, and the command line as one script that starts from a code cache
// (docs/performance.md, «Start»). `rel09 scan` must start nearly as fast as bare Node.
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { writeCodeCache } from './code-cache.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
await import('./generate.mjs')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const outdir = resolve(process.argv[2] ?? join(root, 'dist'))

const options = {
  absWorkingDir: root,
  outdir,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  minify: true,
  keepNames: false,
  legalComments: 'linked',
  define: { REL09_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
}

/**
 * A CommonJS module around which the function stands that Node would put there: who loads it need not copy its text for that.
 * Strings of CommonJS keep to ASCII, so it is read as one byte a character.
 */
const script = {
  ...options,
  supported: { 'dynamic-import': false },
}
const wrapped = {
  banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
  footer: { js: '})' },
}

/** Libraries that a plain scan of a snapshot does not need. Each is a file of its own, so that the command line stays short. */
const librariesApart = {
  ajv: /^ajv\/dist\/2020\.js$/,
  momoa: /^@humanwhocodes\/momoa$/,
  re2js: /^re2js$/,
  workerpool: /^workerpool$/,
  yaml: /^yaml$/,
}

const apart = {
  name: 'apart',
  setup({ onResolve }) {
    for (const [name, filter] of Object.entries(librariesApart))
      onResolve({ filter }, ({ kind }) =>
        kind === 'entry-point' ? undefined : { path: `./${name}.js`, external: true },
      )
    // Collecting, and the AWS SDK with it.
    onResolve({ filter: /\/live-run\.ts$/ }, ({ kind }) =>
      kind === 'entry-point' ? undefined : { path: './aws.js', external: true },
    )
    // A store in S3, with its client.
    onResolve({ filter: /\/bucket-store\.ts$/ }, ({ kind }) =>
      kind === 'entry-point' ? undefined : { path: './bucket.js', external: true },
    )
    // What workers do of an organisation is theirs alone.
    onResolve({ filter: /\/org\/setup\.ts$/ }, ({ importer }) =>
      /[\\/]workers\.ts$/.test(importer) ? { path: './org-worker.js', external: true } : undefined,
    )
    // Redaction, and the words that it knows.
    onResolve({ filter: /\/sources\/redaction\.ts$/ }, ({ kind }) =>
      kind === 'entry-point' ? undefined : { path: './redaction.js', external: true },
    )
  },
}

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

/** Loading Node's `crypto` takes as long as judging a small estate, which needs no digest unless its report shows one. */
const cryptoOnDemand = {
  name: 'crypto-on-demand',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:crypto$/ }, ({ namespace }) =>
      namespace === 'on-demand' ? { path: 'node:crypto', external: true } : { path: 'crypto', namespace: 'on-demand' },
    )
    onLoad({ filter: /.*/, namespace: 'on-demand' }, () => ({
      contents: `
        export const createHash = (...given) => require('node:crypto').createHash(...given)
        export const randomBytes = (...given) => require('node:crypto').randomBytes(...given)`,
    }))
  },
}

const { rules, texts } = await import('../src/generated/rule-data.js')
/** In characters of one byte each. */
const ruleFiles = { 'rules.json': rules, 'rule-texts.ndjson': texts }

/** The rules are data: as literals they would be compiled, and kept twice. Their texts are read when somebody reads them. */
const rulesAsFiles = {
  name: 'rules-as-files',
  setup({ onResolve, onLoad }) {
    // Outside of the package, whose `.js` files have no `module`.
    onResolve({ filter: /\/rule-data\.js$/ }, ({ path }) => ({ path, namespace: 'rules-as-files' }))
    onLoad({ filter: /.*/, namespace: 'rules-as-files' }, () => ({
      contents: `
        const { readFileSync } = require('node:fs')
        const { join } = require('node:path')
        const read = name => readFileSync(join(__dirname, name), 'latin1')
        module.exports = {
          get rules() { return read('rules.json') },
          get texts() { return read('rule-texts.ndjson') },
        }`,
    }))
  },
}

rmSync(outdir, { recursive: true, force: true })
mkdirSync(outdir, { recursive: true })
// Node loads CommonJS without its loader of modules, which takes as long as some scans' judging.
writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n')
for (const [name, text] of Object.entries(ruleFiles)) writeFileSync(join(outdir, name), text, 'latin1')
await build({
  ...options,
  entryPoints: { cli: 'src/hosts/cli.ts' },
  define: { ...options.define, 'import.meta.dirname': '__dirname' },
})
chmodSync(join(outdir, 'cli.js'), 0o755)
await build({
  ...script,
  ...wrapped,
  entryPoints: { 'command-line': 'src/hosts/command-line.ts' },
  define: { ...options.define, 'import.meta.dirname': '__dirname' },
  plugins: [apart, leaveOut, cryptoOnDemand, rulesAsFiles],
})
await build({
  ...script,
  entryPoints: {
    ajv: 'src/rules/ajv.ts',
    momoa: '@humanwhocodes/momoa',
    re2js: 're2js',
    workerpool: 'workerpool',
    yaml: 'yaml',
  },
})
await build({
  ...script,
  entryPoints: { aws: './src/commands/live-run.ts', bucket: './src/commands/bucket-store.ts' },
  // As modules the clients are bundled with no more than the commands that are used.
  mainFields: ['module', 'main'],
})
await build({
  ...script,
  entryPoints: { 'org-worker': './src/hosts/org-worker.ts' },
  plugins: [apart, rulesAsFiles],
})
await build({ ...script, entryPoints: { redaction: './src/sources/redaction.ts' } })
writeCodeCache({ outdir, root })
