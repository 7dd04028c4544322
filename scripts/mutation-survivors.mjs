// `npm run mutation:survivors -- REPORT.json … [--only part-of-a-path]`: asks the slower tests about the mutants that a mutation
// run let live, and prints the score of both together. REPORT.json is what `npm run mutation` leaves as reports/mutation.json.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', default: '' } },
})
const alive = new Set(['Survived', 'NoCoverage'])
const dead = new Set(['Killed', 'Timeout'])

const mutantsOf = path =>
  Object.entries(JSON.parse(readFileSync(path, 'utf8')).files).flatMap(([file, { mutants }]) =>
    mutants.map(mutant => ({ ...mutant, file })),
  )

/** A mutant as `--mutate` names its place: lines count from 1, columns from 0. */
const placeOf = ({ file, location: { start, end } }) =>
  `${file}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`

/** What is the same in two runs. */
const nameOf = mutant => `${placeOf(mutant)} ${mutant.mutatorName} ${mutant.replacement}`

const first = positionals.flatMap(mutantsOf).filter(({ file }) => file.includes(values.only))
const survivors = first.filter(({ status }) => alive.has(status))
if (survivors.length === 0) {
  process.stderr.write('no survivors: name the reports of a mutation run\n')
  process.exit(2)
}

const config = JSON.parse(readFileSync(join(root, 'stryker.config.json'), 'utf8'))
const report = 'reports/survivors.json'
const made = join(root, 'reports/stryker.survivors.json')
mkdirSync(dirname(made), { recursive: true })
writeFileSync(
  made,
  JSON.stringify({
    ...config,
    vitest: { ...config.vitest, configFile: 'vitest.survivors.config.ts' },
    ignorePatterns: config.ignorePatterns.filter(path => path !== '/fixtures'),
    jsonReporter: { fileName: report },
    thresholds: { ...config.thresholds, break: null },
    mutate: [...new Set(survivors.map(placeOf))],
  }),
)
const { status } = spawnSync('npx', ['stryker', 'run', made], { cwd: root, stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)

const killed = new Set(
  mutantsOf(join(root, report))
    .filter(({ status }) => dead.has(status))
    .map(nameOf),
)
const valid = first.filter(({ status }) => alive.has(status) || dead.has(status))
const died = valid.filter(mutant => dead.has(mutant.status) || killed.has(nameOf(mutant)))
process.stdout.write(
  `${died.length} of ${valid.length} mutants died: ${((100 * died.length) / valid.length).toFixed(2)} %\n`,
)
