// Asks other tools whether they accept the templates in `fixtures/templates` and `deploy`: `node scripts/lint-fixtures.mjs [cfn-lint] [hcl2] [terraform]`,
// all three where none is named. cfn-lint and python-hcl2 come from PyPI, pinned, into a virtual environment that git ignores;
// Terraform is used where it is on the PATH. Exit code: 1 if a tool refuses a file, 75 if none does and a tool could not be had.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const templates = join(root, 'fixtures/templates')
const deploy = join(root, 'deploy')
const requirements = join(root, 'scripts/fixture-linters.txt')
const environment = join(root, 'node_modules/.cache/fixture-linters')
const python = join(environment, 'bin/python')
const skipped = 75

const filesUnder = (folder, pattern) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => pattern.test(file))
    .map(file => join(folder, file))
    .sort()

const run = (command, args, options = {}) => spawnSync(command, args, { encoding: 'utf8', cwd: root, ...options })

/** Why a command failed, in its last line. */
const whyFailed = ({ error, stderr, stdout }) =>
  error?.message ?? (stderr || stdout || '').trim().split('\n').at(-1) ?? 'it does not say why'

/** Makes the environment, unless it stands as the requirements have it; `undefined`, or why it could not be made. */
function makeEnvironment() {
  const made = join(environment, 'made-of.txt')
  const wanted = readFileSync(requirements, 'utf8')
  if (existsSync(made) && readFileSync(made, 'utf8') === wanted) return undefined
  rmSync(environment, { recursive: true, force: true })
  mkdirSync(dirname(environment), { recursive: true })
  for (const [command, args] of [
    ['python3', ['-m', 'venv', environment]],
    [python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', requirements]],
  ]) {
    const result = run(command, args)
    if (result.status !== 0) return `${command} ${args.slice(0, 3).join(' ')}: ${whyFailed(result)}`
  }
  writeFileSync(made, wanted)
  return undefined
}

function told(name, { status, stdout, stderr, error }, count) {
  process.stdout.write(stdout ?? '')
  if (status === 0) {
    console.log(`${name}: ${count} files accepted`)
    return 0
  }
  process.stderr.write(stderr ?? '')
  console.error(`${name}: refused${error ? ` (${error.message})` : ''}`)
  return 1
}

function skip(name, why) {
  console.log(`${name}: skipped: ${why}`)
  return skipped
}

const readHcl = `
import sys, hcl2
for name in sys.argv[1:]:
    with open(name, encoding='utf-8') as file:
        if not hcl2.load(file): sys.exit(name + ' holds nothing')
`

const tools = {
  /** Warnings are refusals too: those that are meant stand in the template's Metadata. */
  'cfn-lint'() {
    const why = makeEnvironment()
    if (why) return skip('cfn-lint', why)
    const files = [templates, deploy].flatMap(folder => filesUnder(folder, /\.yaml$/))
    return told(
      'cfn-lint',
      run(join(environment, 'bin/cfn-lint'), ['--non-zero-exit-code', 'warning', '--', ...files]),
      files.length,
    )
  },
  hcl2() {
    const why = makeEnvironment()
    if (why) return skip('python-hcl2', why)
    const files = filesUnder(templates, /\.tf$/)
    return told('python-hcl2', run(python, ['-c', readHcl, ...files]), files.length)
  },
  /** `validate` needs the AWS provider, which Terraform would fetch: the syntax and layout alone are judged. */
  terraform() {
    if (run('terraform', ['version']).error) return skip('terraform fmt', 'terraform is not on the PATH')
    const files = filesUnder(templates, /\.tf$/)
    return told('terraform fmt', run('terraform', ['fmt', '-check', '-diff', '-recursive', templates]), files.length)
  },
}

const wanted = process.argv.slice(2)
for (const name of wanted)
  if (!Object.hasOwn(tools, name)) throw new Error(`${name}: one of ${Object.keys(tools).join(', ')}`)
const codes = (wanted.length > 0 ? wanted : Object.keys(tools)).map(name => tools[name]())
process.exitCode = codes.includes(1) ? 1 : codes.includes(skipped) ? skipped : 0
