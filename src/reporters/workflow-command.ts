import { visible } from './visible-text.ts'

/** How bad an annotation is to GitHub. */
export type AnnotationLevel = 'error' | 'warning' | 'notice'

/** What GitHub shows beside a line. */
export interface Annotation {
  level: AnnotationLevel
  title: string
  /** Each line is made visible by itself. */
  lines: readonly string[]
  file?: string
  line?: number
}

/** The escapes that GitHub's runner takes back in the text of a command (actions/toolkit, `escapeData`). */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/** The same for a property, where a colon and a comma also mean something (`escapeProperty`). */
function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** One workflow command on one line: `::error file=…,line=…,endLine=…,title=…::…`. */
export function workflowCommand({ level, title, lines, file, line }: Annotation): string {
  const place = file === undefined || line === undefined || line < 1 ? undefined : String(line)
  const properties = {
    file: file === undefined ? undefined : visible(file),
    line: place,
    endLine: place,
    title: visible(title),
  }
  const list = Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(value as string)}`)
  return `::${level} ${list.join(',')}::${escapeData(lines.map(visible).join('\n'))}\n`
}
