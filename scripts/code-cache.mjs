// Half of a short scan is V8 compiling. A script can be given what V8 compiled before (its code cache, by `node:vm`), a module
// cannot: so the chunk that every scan loads becomes a script, and the build keeps beside it what compiling it gave. The cache
// is for the V8 that builds. Another one, or none that fits, costs nothing but time: V8 refuses it and compiles.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { transform } from 'esbuild'

/**
 * Makes a script of a chunk, puts a module that runs it in its place, and writes the cache by running scans of an estate.
 * `chunk` is what esbuild's metafile tells of it; `banner` is what it begins with.
 */
export async function giveCodeCache({ file, chunk, banner, cli, estate }) {
  const script = file.replace(/\.js$/, '.cjs')
  writeFileSync(script, await scriptOf(readFileSync(file, 'utf8').replace(banner, '')))
  writeFileSync(file, moduleOf(basename(script), chunk))
  if (!existsSync(estate)) return
  const folder = mkdtempSync(join(tmpdir(), 'rel09-build-'))
  try {
    const program = warmUp({ file, cli, estate, report: join(folder, 'report') })
    execFileSync(process.execPath, ['--input-type=module', '--eval', program])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function scriptOf(code) {
  // Only a module may import.
  const apart = code.replace(/\bimport\((?="\.\/)/g, 'importChunk(')
  const { code: script } = await transform(apart, { format: 'cjs', platform: 'node', target: 'node20', minify: true })
  // It is read as Latin-1, which is quicker than to look for characters of several bytes.
  const other = /[^\0-\x7f]/.exec(script)
  if (other) throw new Error(`write «${other[0]}» as an escape: near ${script.slice(other.index - 60, other.index)}`)
  return `(function(exports,require,module,importChunk){${script}})`
}

/** The module in the place of the chunk: the same imports and exports. */
function moduleOf(script, { imports, exports }) {
  const names = imports
    .filter(({ kind, external }) => kind === 'import-statement' && !external)
    .map(({ path }) => `./${basename(path)}`)
  const chunks = names.map((name, at) => `${JSON.stringify(name)}:chunk${at}`)
  return `import{readFileSync}from'node:fs';import{createRequire}from'node:module';import{fileURLToPath}from'node:url';import{Script}from'node:vm';
${names.map((name, at) => `import*as chunk${at} from${JSON.stringify(name)};`).join('')}
const chunks={${chunks.join()}},filename=fileURLToPath(new URL('./${script}',import.meta.url)),require=createRequire(filename),module={exports:{}};
let cachedData;try{cachedData=readFileSync(filename+'.'+process.versions.v8)}catch{}
export const script=new Script(readFileSync(filename,'latin1'),{filename,cachedData});
script.runInThisContext()(module.exports,id=>chunks[id]??require(id),module,path=>import(path));
export const{${exports.join()}}=module.exports;
`
}

/** A program that scans an estate, by the formats that most scans have, and writes what V8 compiled for that. */
const warmUp = ({ file, cli, estate, report }) => `
  import { writeFileSync } from 'node:fs'
  for (const format of ['text', 'json']) {
    process.argv = ['node', 'rel09', 'scan', ${JSON.stringify(estate)}, '--format', format, '--output', ${JSON.stringify(report)}]
    process.argv.push('--fail-on', 'never')
    await import(${JSON.stringify(pathToFileURL(cli).href)} + '?' + format)
  }
  const { script } = await import(${JSON.stringify(pathToFileURL(file).href)})
  writeFileSync(${JSON.stringify(file.replace(/\.js$/, '.cjs'))} + '.' + process.versions.v8, script.createCachedData())`
