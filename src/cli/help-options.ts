/** One option as a command's help tells it. */
export interface HelpOption {
  /** With its dashes. */
  readonly name: string;
  readonly short: string | null;
  /** What stands behind it, null for a flag. */
  readonly value: string | null;
  readonly text: string;
}

/** The options of a command, read from its help: the one place where they are described. */
export function helpOptions(help: string): readonly HelpOption[] {
  const section = help.split(/^Options:$/m)[1]?.split(/^\S/m)[0] ?? '';
  return [...section.matchAll(line)].map(({ groups = {} }) => ({
    name: groups['name'] ?? '',
    short: groups['short'] ?? null,
    value: groups['value'] ?? null,
    text: (groups['text'] ?? '').trim(),
  }));
}

/** Words that may stand behind a command at once, read from the lines of its usage: `town`, `[list|check]`. */
export function helpWords(help: string, command: string): readonly string[] {
  const usage = help.split(/^\s*$/m).find((part) => part.includes('Usage:')) ?? '';
  const behind = [...usage.matchAll(new RegExp(`hybrid-mlnode ${command} (\\S+)`, 'g'))];
  return behind
    .flatMap(([, first = '']) => first.replaceAll(/[[\]]/g, '').split('|'))
    .filter((word) => /^[a-z][a-z-]*$/.test(word) && word !== 'options');
}

/** `  --name, -n <value>  text`, the form in which every help writes an option. */
const line = /^ {2}(?<name>--[\w-]+)(?:, (?<short>-\w))?(?: (?<value><[^>]+>|\S+\|\S+))? +(?<text>.*)$/gm;
