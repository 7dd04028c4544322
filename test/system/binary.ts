/** The built command in a process of its own, over files of a temporary directory. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What a process gave. */
export interface Outcome {
  /** `null`: it was killed, for being slow or by a fault of its own. */
  code: number | null
  out: string
  /** Lines of standard error. */
  errors: string[]
  /** Its largest resident set, in MiB. */
  peakMiB: number
}

/** A process that takes longer hangs: each takes a second or two where the machine is idle. */
const hangs = 60_000

/** How a process is run. */
export interface Setting {
  input?: string | Buffer
  env?: { [name: string]: string }
  /** Folder in the directory to run in. */
  folder?: string
  /** Given the process, for what is done to it while it runs. */
  started?: (child: ChildProcess) => void
}

/** A directory to run in, and the command built as it is released. */
export class Binary {
  readonly path = mkdtempSync(join(tmpdir(), 'rel09-binary-'))
  private readonly built = mkdtempSync(join(tmpdir(), 'rel09-built-'))

  constructor() {
    execFileSync(process.execPath, [join(root, 'scripts/build.mjs'), join(this.built, 'dist')], { cwd: root })
  }

  remove(): void {
    for (const path of [this.path, this.built]) rmSync(path, { recursive: true, force: true })
  }

  write(name: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true })
    writeFileSync(join(this.path, name), content)
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), 'utf8')
  }

  /** Runs `rel09 …` in the directory. */
  run(
    args: readonly string[],
    { input = '', env = {}, folder = '.', started = () => {} }: Setting = {},
  ): Promise<Outcome> {
    const memory = join(root, 'bench/report-memory.cjs')
    const child = spawn(process.execPath, ['--require', memory, join(this.built, 'dist/cli.js'), ...args], {
      cwd: join(this.path, folder),
      env: { PATH: process.env.PATH, ...env },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      timeout: hangs,
      killSignal: 'SIGKILL',
    })
    started(child)
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    const texts = [child.stdout, child.stderr, child.stdio[3] as Readable].map(stream => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      return () => Buffer.concat(chunks).toString('utf8')
    })
    return new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', code => {
        const [out = '', err = '', kib = ''] = texts.map(text => text())
        const errors = err === '' ? [] : err.replace(/\n$/, '').split('\n')
        resolve({ code, out, errors, peakMiB: Number(kib) / 1024 })
      })
    })
  }

  /** What holds of every run, whatever it was given. */
  expectDecent({ code, out, errors }: Outcome): void {
    const told = errors.join('\n')
    expect([0, 1, 2, 3], told).toContain(code)
    expect(told).not.toMatch(/^\s+at |fault of rel09|Warning:/m)
    for (const line of errors) expect(line).toMatch(/^rel09: \S/)
    for (const path of [this.path, this.built, root]) expect(`${told}\n${out}`).not.toContain(path)
    if (code === 2) expect(errors).not.toEqual([])
    if (code === 0) expect(errors).toEqual([])
  }
}
