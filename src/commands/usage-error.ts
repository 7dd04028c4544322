/** A wrong use of the command line, an unreadable file, an invalid rule or policy: one line each, exit code 2. */
export class UsageError extends Error {
  /** What is wrong and what to write instead, a line each. */
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.name = 'UsageError'
    this.lines = lines
  }
}
