// Scores the scanner on the labelled AWS Config inputs of the shared corpus, where it is at hand; says so where it is not.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const score = join(root, '../shared/corpus/score.mjs')
if (!existsSync(score)) {
  console.log('The labelled corpus is not beside this checkout: nothing to score.')
} else {
  const cli = `${process.execPath} ${join(root, 'dist/cli.js')}`
  const result = spawnSync(
    process.execPath,
    [score, '--cli', cli, '--format', 'config-item,config-rule-event', '--verbose'],
    { stdio: 'inherit', cwd: root },
  )
  process.exitCode = result.status ?? 1
}
