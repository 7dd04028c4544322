import type { Annotation } from '../../reporters/workflow-command.ts'

/** What the Action may use of the runner. Given by the host, so that it can be run without one. */
export interface ActionHost {
  /** An input of the step as it was written, without the blanks around it; empty where none was given. */
  input(name: string): string
  /** The variables of the process (`GITHUB_*`, `PATH`). */
  environment: { readonly [name: string]: string | undefined }
  stdin: NodeJS.ReadableStream
  /** Present time, ISO 8601. */
  now: string
  /** Writes to the step's log, in a group that can be folded, so that the runner obeys no command in it. */
  log(title: string, chunks: Iterable<string>): void
  /** One line of the step's log. */
  say(line: string): void
  annotate(annotation: Annotation): void
  setOutput(name: string, value: string | number): void
  /** Shows Markdown on the page of the run. */
  writeSummary(markdown: string): Promise<void>
}
