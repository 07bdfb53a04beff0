import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { settings } from '../src/config/names.ts';
import { areas, type Setting } from '../src/config/setting.ts';
import { cliPages } from './cli-pages.ts';
import { machinePages } from './machine-pages.ts';
import { runbookIndex } from '../src/alerts/runbook-index.ts';
import { conformancePage } from '../src/conformance/page.ts';
import { catalogue, type RetryClass } from '../src/errors.ts';
import { metricsPage } from '../src/metrics/page.ts';
import { openApiDocument } from '../src/server/openapi/document.ts';

export interface GeneratedPage {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** The pages that are printed from code; `npm run docs` writes them, a test fails when they are stale. */
export function generatedPages(): readonly GeneratedPage[] {
  return [
    { path: 'docs/reference/errors.md', text: errorsPage() },
    { path: 'docs/reference/configuration.md', text: configurationPage() },
    { path: 'docs/reference/metrics.md', text: page([notice, ...metricsPage()]) },
    { path: 'docs/runbooks/index.md', text: page([notice, ...runbookIndex()]) },
    { path: 'docs/reference/conformance.md', text: page([notice, ...conformancePage()]) },
    { path: 'docs/reference/openapi.json', text: `${JSON.stringify(openApiDocument(), null, 1)}\n` },
    { path: '.env.example', text: environmentExample() },
    ...machinePages(notice),
  ];
}

export const notice = '<!-- Written by `npm run docs` from the source; edit that. -->';

const classes: Readonly<Record<RetryClass, string>> = {
  retryable: 'The same call may work later; the daemon repeats it, with growing pauses.',
  terminal: 'This one will never work; the daemon chooses another (offer, machine) or gives the refusal on.',
  'unknown-outcome': 'It may have taken effect; the daemon looks before it acts again.',
  operator: 'Needs a person. Repeating it would burn money or time.',
};

function errorsPage(): string {
  return page([
    notice,
    '# Errors',
    '',
    'Every failure has one code and one class. Charts and operators act on the class, never on a text.',
    '',
    ...table(
      ['Class', 'What follows'],
      Object.entries(classes).map(([name, text]) => [`\`${name}\``, text]),
    ),
    '',
    ...table(
      ['Code', 'Class', 'Meaning and way out'],
      Object.entries(catalogue).map(([code, entry]) => [`\`${code}\``, entry.class, entry.help]),
    ),
  ]);
}

function configurationPage(): string {
  const honoured = settings.filter((row) => row.state === 'honoured' && row.aliasOf === undefined);
  const sections = areas.flatMap((area) => {
    const rows = honoured.filter((row) => row.area === area).map(honouredRow);
    return ['', `## ${area}`, '', ...table(['Name', 'Meaning', 'Default'], rows)];
  });
  return page([
    notice,
    '# Configuration',
    '',
    'Settings are environment variables. The process environment wins over `.env`, which wins over `config/.env`, both relative to the working directory. A name that is set but empty counts as not set and hides what a lower source says. `${NAME}` and `${NAME:-default}` in a file are expanded. Where several spellings of one setting are set, the first one listed counts.',
    '',
    'A start with wrong settings ends with exit code 2 and the whole list of what is wrong, with the file of each. An unknown name that begins like one of ours is an error in a file and a warning in the process environment.',
    ...sections,
    '',
    '## Deprecated',
    '',
    'Accepted with a warning.',
    '',
    ...table(['Name', 'Use', 'Why'], former('deprecated')),
    '',
    '## Refused',
    '',
    'The start ends when one of these is set, unless to `false`, `no`, `off` or `0`.',
    '',
    ...table(
      ['Name', 'Why'],
      former('refused').map(([name, , why]) => [name ?? '', why ?? '']),
    ),
  ]);
}

function honouredRow(row: Setting): readonly string[] {
  const others = settings.filter((other) => other.aliasOf === row.name && other.state === 'honoured');
  const spellings = [row, ...others].map((each) => `\`${each.name}\``).join(', then ');
  const required = row.required === undefined ? '' : ` **Required ${row.required}.**`;
  const apart = others.filter((other) => !other.describe.startsWith('Other spelling'));
  const more = apart.map((other) => ` \`${other.name}\`: ${other.describe}`).join('');
  return [
    spellings,
    `${row.describe}${more}${required}`,
    row.default === undefined ? '' : `\`${row.default}\``,
  ];
}

function former(state: Setting['state']): readonly (readonly string[])[] {
  return settings
    .filter((row) => row.state === state)
    .map((row) => {
      const read = row.aliasOf === undefined ? '' : ' (still read)';
      const successor = row.successor === undefined ? 'nothing' : `\`${row.successor}\`${read}`;
      return [`\`${row.name}\``, successor, row.describe];
    });
}

/** Required names stand open and empty, so that a copy that was not filled in says so at the start. */
function environmentExample(): string {
  const lines = areas.flatMap((area) => [
    '',
    `# --- ${area} ---`,
    ...settings
      .filter((row) => row.area === area && row.state === 'honoured' && row.aliasOf === undefined)
      .flatMap((row) => [
        '',
        `# ${row.describe}${row.required === undefined ? '' : ` Required ${row.required}.`}`,
        row.required?.startsWith('when') === false
          ? `${row.name}=`
          : `# ${row.name}=${row.default ?? row.example ?? ''}`,
      ]),
  ]);
  return page([
    '# Copy to .env (or config/.env) and fill in what is open. Written by `npm run docs`; see docs/reference/configuration.md.',
    ...lines,
  ]);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

const page = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

if (import.meta.main) {
  for (const { path, text } of [...generatedPages(), ...(await cliPages(notice))]) {
    const file = join(import.meta.dirname, '..', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
