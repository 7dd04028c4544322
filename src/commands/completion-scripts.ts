/** Completion scripts for shells: text made of what the commands declare. */

/** What may be completed for an option's value or an argument. */
export type Values = { kind: 'words'; words: readonly string[] } | { kind: 'files' | 'rule' | 'rules' | 'text' }

/** An option with its long flag; `values` is absent where it takes none. */
export interface CompletedOption {
  flag: string
  description: string
  values: Values | undefined
}

/** A command with its options and, in order, its arguments. The last argument may be repeated. */
export interface CompletedCommand {
  name: string
  summary: string
  options: readonly CompletedOption[]
  values: readonly Values[]
}

/** Everything to be completed. */
export interface Completion {
  commands: readonly CompletedCommand[]
  ruleIds: readonly string[]
}

/** A text between single quotes for a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
const sentence = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 90)

function bashValues(values: Values): string {
  if (values.kind === 'words') return `_rel09_words ${quoted(values.words.join(' '))}`
  if (values.kind === 'rule') return '_rel09_words "$_rel09_rules"'
  if (values.kind === 'rules') return '_rel09_list "$_rel09_rules"'
  return ':'
}

/** With no reply, `complete -o default` offers files. */
function bash({ commands, ruleIds }: Completion): string {
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap(option =>
      option.values ? [`    ${quoted(`${name} ${option.flag}`)}) ${bashValues(option.values)}; return ;;`] : [],
    ),
  )
  const takesValue = commands.map(
    ({ name, options }) =>
      `    ${name}) valued=${quoted(options.flatMap(option => (option.values ? [option.flag] : [])).join(' '))} ;;`,
  )
  const flags = commands.map(
    ({ name, options }) => `      ${name}) _rel09_words ${quoted(options.map(({ flag }) => flag).join(' '))} ;;`,
  )
  const positions = commands.flatMap(({ name, values }) =>
    values.map((value, at) => `    ${quoted(`${name} ${at}`)}) ${bashValues(value)} ;;`),
  )
  return `# rel09 completion for bash. Load it with: source <(rel09 completion bash)
_rel09_rules=${quoted(ruleIds.join(' '))}

_rel09_words() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}

# Values separated by commas: what stands before the last comma is kept.
_rel09_list() {
  local before=''
  case "$cur" in *,*) before="\${cur%,*}," ;; esac
  COMPREPLY=($(compgen -P "$before" -W "$1" -- "\${cur##*,}"))
}

_rel09() {
  local cur prev name valued='' position=0 word at
  COMPREPLY=()
  cur="\${COMP_WORDS[COMP_CWORD]}"
  prev="\${COMP_WORDS[COMP_CWORD - 1]}"
  # bash makes words of --option=value by itself: --option, =, value.
  if [ "$cur" = '=' ]; then
    cur=''
  elif [ "$prev" = '=' ]; then
    prev="\${COMP_WORDS[COMP_CWORD - 2]}"
  fi
  if [ "$COMP_CWORD" -eq 1 ]; then
    _rel09_words ${quoted([...commands.map(({ name }) => name), 'help', '--help', '--version'].join(' '))}
    return
  fi
  name="\${COMP_WORDS[1]}"
  if [ "$name" = help ]; then
    _rel09_words ${quoted(commands.map(({ name }) => name).join(' '))}
    return
  fi
  case "$name $prev" in
${values.join('\n')}
  esac
  case "$cur" in
    -*)
      case "$name" in
${flags.map(line => `  ${line}`).join('\n')}
      esac
      return
      ;;
  esac
  case "$name" in
${takesValue.join('\n')}
  esac
  for ((at = 2; at < COMP_CWORD; at++)); do
    word="\${COMP_WORDS[at]}"
    case "$word" in
      =) at=$((at + 1)) ;;
      -*) case " $valued " in *" $word "*) [ "\${COMP_WORDS[at + 1]}" = '=' ] || at=$((at + 1)) ;; esac ;;
      *) position=$((position + 1)) ;;
    esac
  done
  case "$name $position" in
${positions.join('\n')}
  esac
}

complete -o default -F _rel09 rel09
`
}

/** A description inside zsh's \`_arguments\` specifications. */
const zshText = (text: string): string => sentence(text).replace(/[\\[\]:]/g, character => `\\${character}`)

function zshAction(values: Values, ruleIds: readonly string[]): string {
  if (values.kind === 'words') return `(${values.words.join(' ')})`
  if (values.kind === 'rule') return `(${ruleIds.join(' ')})`
  if (values.kind === 'rules') return `_sequence compadd - ${ruleIds.join(' ')}`
  return values.kind === 'files' ? '_files' : ' '
}

function zsh({ commands, ruleIds }: Completion): string {
  const cases = commands.map(({ name, options, values }) => {
    const specifications = [
      ...options.map(option =>
        quoted(
          `*${option.flag}[${zshText(option.description)}]${option.values ? `:value:${zshAction(option.values, ruleIds)}` : ''}`,
        ),
      ),
      ...values.map((value, at) =>
        quoted(`${at === values.length - 1 ? '*' : at + 1}:argument:${zshAction(value, ruleIds)}`),
      ),
    ]
    return `    ${name}) _arguments ${specifications.join(' \\\n      ')} ;;`
  })
  return `#compdef rel09
# rel09 completion for zsh. Load it with: source <(rel09 completion zsh)
_rel09() {
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${zshText(summary)}`)}`).join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe 'command' commands
    return
  fi
  local name=$words[2]
  shift words
  ((CURRENT--))
  case $name in
${cases.join('\n')}
  esac
}

if [ "$funcstack[1]" = _rel09 ]; then
  _rel09 "$@"
else
  compdef _rel09 rel09
fi
`
}

/** A text between single quotes for fish, which escapes with a backslash. */
const fishQuoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

function fishAction(values: Values | undefined, ruleIds: readonly string[]): string {
  if (!values) return ''
  if (values.kind === 'files') return ' -r -F'
  if (values.kind === 'text') return ' -x'
  return ` -x -a ${fishQuoted((values.kind === 'words' ? values.words : ruleIds).join(' '))}`
}

function fish({ commands, ruleIds }: Completion): string {
  const lines = commands.flatMap(({ name, summary, options, values }) => {
    const within = `-n '__fish_seen_subcommand_from ${name}'`
    const argument = values.flatMap(value => {
      if (value.kind === 'files') return [`complete -c rel09 ${within} -F`]
      return value.kind === 'text'
        ? []
        : [`complete -c rel09 ${within} -a ${fishQuoted((value.kind === 'words' ? value.words : ruleIds).join(' '))}`]
    })
    return [
      `complete -c rel09 -n __fish_use_subcommand -a ${name} -d ${fishQuoted(sentence(summary))}`,
      ...options.map(
        option =>
          `complete -c rel09 ${within} -l ${option.flag.slice(2)}${fishAction(option.values, ruleIds)} -d ${fishQuoted(sentence(option.description))}`,
      ),
      ...argument,
    ]
  })
  return `# rel09 completion for fish. Load it with: rel09 completion fish | source
complete -c rel09 -f
complete -c rel09 -n __fish_use_subcommand -l help -d 'display help'
complete -c rel09 -n __fish_use_subcommand -l version -d 'print the version'
${lines.join('\n')}
`
}

/** The scripts by shell. */
export const scripts = { bash, zsh, fish } as const
