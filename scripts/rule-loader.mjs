// The real rule loader for scripts: bundled with esbuild to a temporary file, so that plain Node can run it.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')

const entry = `
export { checkExamples, formatProblem, loadRules } from './src/rules/load.ts'
export { factAt, indexFacts } from './src/rules/fact-index.ts'
export { compileRule } from './src/rules/compiled-rule.ts'
export { leavesOf } from './src/rules/condition.ts'
export { parameterSchema } from './src/rules/parameters.ts'
export { textsOf, withoutTexts } from './src/rules/lazy-texts.ts'
export { canonicalJson } from './src/rules/canonical-json.ts'
export { simpleValidator } from './src/rules/leaf.ts'
export { leafAjv } from './src/rules/leaf-compiler.ts'
export { default as standaloneCode } from 'ajv/dist/standalone/index.js'
`

/** Bundles and imports the loader. */
export const importLoader = () => importModules(entry)

/** Bundles modules of the project, given as the text of one that exports what is wanted of them, and imports the bundle. */
export async function importModules(contents) {
  const folder = mkdtempSync(join(root, 'node_modules/.rel09-loader-'))
  try {
    const outfile = join(folder, 'loader.mjs')
    await build({
      stdin: { contents, resolveDir: root },
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      logLevel: 'error',
    })
    return await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The facts schemas by subject kind. */
export function factSchemas() {
  const folder = join(root, 'schemas/facts')
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map(file => [file.replace('.schema.json', ''), JSON.parse(readFileSync(join(folder, file), 'utf8'))]),
  )
}

/** Every rule file of the project, or those named, with names relative to the project. */
export function ruleFiles(paths = []) {
  const named = paths.length > 0 ? paths : walk(join(root, 'rules'))
  return named.map(path => ({
    name: relative(root, join(process.cwd(), relative(process.cwd(), path)))
      .split(sep)
      .join('/'),
    text: readFileSync(path, 'utf8'),
  }))
}

function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap(item => {
    const path = join(folder, item.name)
    if (item.isDirectory()) return walk(path)
    return /\.ya?ml$/.test(item.name) ? [path] : []
  })
}
