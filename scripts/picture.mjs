// Draws docs/picture.svg: what `rel09 scan` prints of the bookshop, colours and all, as a terminal shows it.
//   node scripts/picture.mjs            (after npm run build)
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** What is scanned, as typed in the root of the project. */
export const scanned = 'fixtures/bookshop'

const columns = 100
/** Pixels. */
const cell = { width: 8.4, height: 18, font: 14 }
const margin = { left: 18, right: 18, bar: 36, bottom: 18 }
const shade = { window: '#161b22', bar: '#21262d', text: '#d0d7de', dim: '#8b949e' }
const colours = {
  31: '#ff7b72',
  32: '#56d364',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#39c5cf',
  90: '#8b949e',
}
const lights = ['#ff5f56', '#ffbd2e', '#27c93f']

/** What a terminal does on one code of an escape sequence (ECMA-48, Select Graphic Rendition). */
function styled(style, code) {
  if (code === 0) return {}
  if (code === 1) return { ...style, bold: true }
  if (code === 2) return { ...style, dim: true }
  if (code === 22) return { ...style, bold: false, dim: false }
  if (code === 39) return { ...style, colour: undefined }
  if (Object.hasOwn(colours, code)) return { ...style, colour: colours[code] }
  throw new Error(`scripts/picture.mjs does not know the terminal code ${code}: teach it`)
}

/** The runs of one line: text of one style, each with the column that it begins at. A style does not outlive its line. */
function runsOf(line) {
  const runs = []
  let style = {}
  let column = 0
  for (const [at, part] of line.split('\u001b[').entries()) {
    const end = at === 0 ? 0 : part.indexOf('m') + 1
    for (const code of end === 0 ? [] : part.slice(0, end - 1).split(';')) style = styled(style, Number(code))
    const text = part.slice(end)
    if (text.trim() !== '') {
      const blank = text.length - text.trimStart().length
      runs.push({ column: column + blank, text: text.trim(), style })
    }
    column += [...text].length
  }
  return runs
}

/** The part of the report that a reader wants to see first: the head, two rules that are broken, and what came of it all. */
export function cut(text) {
  const lines = text.trimEnd().split('\n')
  const plain = lines.map(stripVTControlCharacters)
  const rules = plain.flatMap((line, at) => (/^(CRITICAL|HIGH|MEDIUM|LOW) /.test(line) ? [at] : []))
  const covered = plain.findIndex(line => line.startsWith('Covered '))
  if (rules.length < 3 || covered < rules[2])
    throw new Error(`the report of ${scanned} has changed its shape: mend cut()`)
  const left = covered - rules[2]
  const findings = plain.slice(rules[2], covered).filter(line => /^ +✗ /.test(line)).length
  return [
    ...lines.slice(0, rules[2]),
    `\u001b[2m${' '.repeat(10)}… ${left} lines are left out here: ${findings} more findings …\u001b[22m`,
    '',
    ...lines.slice(covered),
  ]
}

const escaped = text =>
  text.replace(/[&<>"]/g, sign => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign])
const rounded = value => String(Math.round(value * 100) / 100)

function drawRun({ column, text, style }) {
  const look = [
    `fill="${style.colour ?? (style.dim ? shade.dim : shade.text)}"`,
    style.bold ? 'font-weight="bold"' : '',
    // The width is stated, since nobody knows which font the reader has.
    `x="${rounded(margin.left + column * cell.width)}" textLength="${rounded([...text].length * cell.width)}" lengthAdjust="spacingAndGlyphs"`,
  ].filter(part => part !== '')
  return `<tspan ${look.join(' ')}>${escaped(text)}</tspan>`
}

/** The picture of what a terminal shows, as SVG. `text` is what the scan printed. */
export function picture(text) {
  const lines = [`\u001b[32m$\u001b[39m npx rel09 scan ${scanned}`, '', ...cut(text)]
  const width = margin.left + columns * cell.width + margin.right
  const height = margin.bar + (lines.length + 1) * cell.height + margin.bottom
  const drawn = lines.flatMap((line, at) => {
    const runs = runsOf(line)
    const y = margin.bar + (at + 1) * cell.height + cell.font / 2
    return runs.length === 0 ? [] : [`<text y="${rounded(y)}">${runs.map(drawRun).join('')}</text>`]
  })
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${rounded(width)} ${rounded(height)}" width="${rounded(width)}" height="${rounded(height)}" role="img" aria-labelledby="title">`,
    `<title id="title">What rel09 scan prints of ${scanned}, in part</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${shade.window}"/>`,
    `<path d="M0 8a8 8 0 0 1 8-8h${rounded(width - 16)}a8 8 0 0 1 8 8v${margin.bar - 16}H0z" fill="${shade.bar}"/>`,
    ...lights.map((light, at) => `<circle cx="${20 + at * 20}" cy="${(margin.bar - 8) / 2}" r="6" fill="${light}"/>`),
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${cell.font}" xml:space="preserve">`,
    ...drawn,
    '</g>',
    '</svg>',
  ].join('\n')}\n`
}

/** What the built command prints; exit code 1 says that it found something, as it should. */
function scan() {
  if (!existsSync(join(root, 'dist/cli.js'))) throw new Error('dist/cli.js is not there: npm run build')
  const environment = { ...process.env, FORCE_COLOR: '1' }
  delete environment.NO_COLOR
  try {
    return execFileSync(process.execPath, ['dist/cli.js', 'scan', scanned], {
      cwd: root,
      env: environment,
      encoding: 'utf8',
    })
  } catch (error) {
    if (error.status === 1 && error.stderr === '') return error.stdout
    throw error
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(join(root, 'docs/picture.svg'), picture(scan()))
  const { length } = readFileSync(join(root, 'docs/picture.svg'))
  console.log(`docs/picture.svg: ${length} bytes`)
}
