/** The templates of an input, found by what other files of it call them. Nothing but the input is ever looked at. */
import { posix } from 'node:path'
import type { InputFile } from '../source.ts'
import type { Template } from './template.ts'

/** Where a file lies, as far as other files can refer to it. */
export type FilePlace = Pick<InputFile, 'name' | 'met'>

/** The templates of an input. */
export class TemplateSet {
  private readonly byName = new Map<string, Template>()
  /** Two directories of one name may be given: within each, files refer to their own. */
  private readonly byDirectory = new Map<object, Map<string, Template>>()

  add(template: Template): void {
    const { name, met } = template.place
    this.byName.set(name, template)
    if (!met) return
    const inDirectory = this.byDirectory.get(met.in) ?? new Map<string, Template>()
    this.byDirectory.set(met.in, inDirectory)
    inDirectory.set(met.path, template)
  }

  values(): Iterable<Template> {
    return this.byName.values()
  }

  /** The template that a file calls by a relative path; `undefined` where it is remote or not in the input. */
  find({ name, met }: FilePlace, path: string): Template | undefined {
    if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(path) || path.startsWith('/')) return undefined
    const beside = (file: string) => posix.normalize(posix.join(posix.dirname(file), path))
    return (met && this.byDirectory.get(met.in)?.get(beside(met.path))) ?? this.byName.get(beside(name))
  }
}
