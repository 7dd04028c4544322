/** Tells templates, and what lies beside them in `cdk.out`, by their content. */
import { isObject, type JsonObject, own } from '../json.ts'
import type { Sample } from '../source.ts'

/** What a file is. `aside`: part of a cloud assembly that says nothing of resources (its construct tree, its assets). */
export type FileKind = 'template' | 'manifest' | 'aside'

const declaredType = /^["']?(?:AWS|Custom|Alexa)::/

/** The kind of an input by its beginning; `undefined` where it is none of ours. */
export function sampleKind(sample: Sample): FileKind | undefined {
  if (sample.shape === 'object') return jsonKind(sample)
  return sample.shape === 'other' && isYamlTemplate(sample) ? 'template' : undefined
}

function jsonKind({ members, text, complete }: Sample): FileKind | undefined {
  if (members.has('.AWSTemplateFormatVersion')) return 'template'
  if (members.has('.Resources') && /"Type"\s*:\s*"(?:AWS|Custom|Alexa)::/.test(text)) return 'template'
  if (members.has('.artifacts') && /"(?:cdk:|aws:cloudformation:stack)/.test(text)) return 'manifest'
  if (members.has('.tree') && /"version"\s*:\s*"tree-/.test(text)) return 'aside'
  if (members.has('.files') && members.has('.dockerImages')) return 'aside'
  if (complete && /^\s*\{\s*"version"\s*:\s*"[\d.]+"\s*\}\s*$/.test(text)) return 'aside'
  return isConstructMetadata(members, text) ? 'aside' : undefined
}

/** `Stack.metadata.json`: what constructs say of themselves, by path. */
function isConstructMetadata(members: ReadonlySet<string>, text: string): boolean {
  if (members.size === 0 || !/"aws:cdk:/.test(text)) return false
  for (const member of members) if (!member.startsWith('./')) return false
  return true
}

/** Names at the left edge are the sections; types are looked for line by line, so that no pattern can run on. */
function isYamlTemplate({ keys, text }: Sample): boolean {
  if (keys.has('AWSTemplateFormatVersion')) return true
  if (!keys.has('Resources')) return false
  for (const [, type] of text.matchAll(/^[ \t]+["']?Type["']?[ \t]*:[ \t]*([^\s]+)/gm))
    if (declaredType.test(type!)) return true
  return false
}

/** The kind of a whole JSON or YAML document that {@link sampleKind} took for ours. */
export function rootKind(root: JsonObject): FileKind {
  if (isObject(own(root, 'Resources')) || Object.hasOwn(root, 'AWSTemplateFormatVersion')) return 'template'
  return isObject(own(root, 'artifacts')) ? 'manifest' : 'aside'
}
