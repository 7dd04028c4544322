// The words that judging knows, taken from its code and rules: what redaction may leave as it stands. Written to src/generated.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { parse } from 'yaml'

const wordPattern = /[\p{L}\p{N}]+/gu

const filesUnder = (folder, pattern) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => pattern.test(name))
    .sort()
    .map(name => join(folder, name))

/** Visits literals (with true) and identifiers (with false) of a TypeScript file. */
function visitTexts(file, visit) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest)
  const walk = node => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return
    if (ts.isIdentifier(node)) visit(node.text, false)
    else if (
      ts.isStringLiteral(node) ||
      ts.isNoSubstitutionTemplateLiteral(node) ||
      node.kind === ts.SyntaxKind.TemplateHead ||
      node.kind === ts.SyntaxKind.TemplateMiddle ||
      node.kind === ts.SyntaxKind.TemplateTail ||
      node.kind === ts.SyntaxKind.RegularExpressionLiteral
    )
      visit(node.text, true)
    ts.forEachChild(node, walk)
  }
  walk(source)
}

/** Strings that a rule compares facts with, or takes as defaults. */
function comparedStrings(value, take) {
  if (typeof value === 'string') take(value)
  else if (value && typeof value === 'object') for (const member of Object.values(value)) comparedStrings(member, take)
}

/** Members of the answers of an API, as the types of its client name them. */
function memberNames(folder, into) {
  for (const file of filesUnder(folder, /^(?!error)[^/]*\.d\.ts$/))
    for (const [, name] of readFileSync(file, 'utf8').matchAll(/^ {4}(?:readonly )?([A-Za-z]\w*)\??:/gm)) into.add(name)
}

const isProse = text => /\s/.test(text.trim())

/** Words of values, names of members, and words of remedies. */
export function vocabulary(root) {
  const values = new Set()
  const members = new Set()
  const remedies = new Set()
  const words = (text, into) => {
    for (const [word] of text.matchAll(wordPattern)) into.add(word)
  }
  for (const folder of ['src/resources', 'src/inventory', 'src/policy', 'src/model'])
    for (const file of filesUnder(join(root, folder), /\.ts$/))
      visitTexts(file, (text, isLiteral) => {
        if (!isLiteral) members.add(text)
        else if (!isProse(text)) words(text, values)
      })
  for (const file of filesUnder(join(root, 'src/sources/aws'), /\.ts$/))
    visitTexts(file, (text, isLiteral) => {
      if (isLiteral && isProse(text)) words(text, remedies)
      else if (isLiteral && /^AWS::/.test(text)) words(text, values)
      else if (!isLiteral) members.add(text)
    })
  for (const file of filesUnder(join(root, 'rules'), /\.yaml$/)) {
    const { parameters = {}, when, expect } = parse(readFileSync(file, 'utf8'))
    for (const { default: value } of Object.values(parameters)) comparedStrings(value, text => words(text, values))
    comparedStrings([when, expect], text => {
      if (!isProse(text)) words(text, values)
    })
  }
  for (const property of filesUnder(join(root, 'schemas'), /^policy\.schema\.json$/))
    for (const [, name] of readFileSync(property, 'utf8').matchAll(/"(\w+)"\s*:/g)) members.add(name)
  for (const name of Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies))
    if (name.startsWith('@aws-sdk/client-')) memberNames(join(root, 'node_modules', name, 'dist-types/models'), members)
  const sorted = set => [...set].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return { values: sorted(values), members: sorted(members), remedies: sorted(remedies) }
}
