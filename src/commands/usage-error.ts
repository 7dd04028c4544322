/** A wrong use of the command line, an unreadable file, an invalid rule or policy: one line each, exit code 2. */
export class UsageError extends Error {
  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'))
    this.name = 'UsageError'
  }
}
