/** `rel09 completion SHELL`: a completion script, made from the commands' own definitions. */
import { type Argument, Command, type Option } from 'commander'
import { builtInRules } from '../rules/built-in.ts'
import type { CommandContext, CommandDefinition } from './command.ts'
import {
  type CompletedCommand,
  type CompletedOption,
  type Completion,
  scripts,
  type Values,
} from './completion-scripts.ts'

const shells = ['bash', 'zsh', 'fish'] as const

export const command: CommandDefinition = {
  summary: 'a completion script for bash, zsh or fish',
  group: 'Set up',
  configure(commander) {
    commander
      .description('Prints a script that completes commands, options, their values and the ids of the built-in rules.')
      .addArgument(commander.createArgument('<shell>', 'which shell').choices([...shells]))
      .addHelpText(
        'after',
        '\nLoad it:\n  source <(rel09 completion bash)                      in ~/.bashrc\n  source <(rel09 completion zsh)                       in ~/.zshrc, after compinit\n  rel09 completion fish | source                       in ~/.config/fish/config.fish\n\nExit codes: 0 printed, 2 no such shell.',
      )
  },
  run: ([shell = 'bash'], _options, context) => complete(shell as (typeof shells)[number], context),
}

async function complete(shell: (typeof shells)[number], context: CommandContext): Promise<number> {
  context.stdout.write(scripts[shell](await completionOf(context.commands)))
  return 0
}

/** What the commands' definitions offer for completion. */
export async function completionOf(commands: CommandContext['commands']): Promise<Completion> {
  const completed: CompletedCommand[] = []
  for (const [name, load] of Object.entries(commands)) {
    const definition = await load()
    const commander = new Command(name)
    definition.configure(commander)
    completed.push({
      name,
      summary: definition.summary,
      options: optionsOf(commander),
      values: commander.registeredArguments.map(valuesOf),
    })
  }
  return { commands: completed, ruleIds: builtInRules.map(({ id }) => id).sort() }
}

function optionsOf(commander: Command): CompletedOption[] {
  const help: CompletedOption = { flag: '--help', description: 'display help for command', values: undefined }
  const own = commander.options
    .filter(({ hidden, long }) => !hidden && long !== undefined && long !== null)
    .map(option => ({
      flag: option.long ?? '',
      description: option.description,
      values: option.required || option.optional ? valuesOf(option) : undefined,
    }))
  return [...own, help]
}

/** What the placeholders of options and arguments stand for; choices tell it themselves. */
const placeholders: { readonly [placeholder: string]: Values } = {
  file: { kind: 'files' },
  input: { kind: 'files' },
  old: { kind: 'files' },
  new: { kind: 'files' },
  dir: { kind: 'files' },
  rule: { kind: 'rule' },
  'id,…': { kind: 'rules' },
}

function valuesOf(declared: Option | Argument): Values {
  if (declared.argChoices) return { kind: 'words', words: declared.argChoices }
  const placeholder = 'flags' in declared ? (/[<[]([^>\]]+)[>\]]/.exec(declared.flags)?.[1] ?? '') : declared.name()
  return placeholders[placeholder.replace(/\.\.\.$/, '')] ?? { kind: 'text' }
}
