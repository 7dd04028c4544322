/** The process around the GitHub Action: inputs, files and commands of the runner; everything else is in `src/commands`. */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import * as core from '@actions/core'
import type { ActionHost } from '../commands/action/host.ts'
import { runAction } from '../commands/action/run-action.ts'
import { visible } from '../reporters/visible-text.ts'

const annotators = { error: core.error, warning: core.warning, notice: core.notice }

const host: ActionHost = {
  input: name => core.getInput(name),
  environment: process.env,
  stdin: process.stdin,
  now: new Date().toISOString(),
  say: line => core.info(`rel09: ${visible(line)}`),
  log(title, chunks) {
    core.startGroup(title)
    // Names in a report were chosen by others: the runner obeys nothing until it reads a word that nobody can guess.
    const word = randomUUID()
    process.stdout.write(`::stop-commands::${word}\n`)
    for (const chunk of chunks) process.stdout.write(chunk)
    process.stdout.write(`\n::${word}::\n`)
    core.endGroup()
  },
  annotate({ level, title, lines, file, line }) {
    const place =
      file === undefined || line === undefined ? {} : { file: visible(file), startLine: line, endLine: line }
    annotators[level](lines.map(visible).join('\n'), { title: visible(title), ...place })
  },
  setOutput: (name, value) => core.setOutput(name, value),
  async writeSummary(markdown) {
    if (existsSync(process.env.GITHUB_STEP_SUMMARY ?? '')) await core.summary.addRaw(markdown).write()
  },
}

process.exitCode = await runAction(host)
