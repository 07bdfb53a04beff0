import { chapters } from './chapters.ts';
import type { Chapter, Rule } from './rule.ts';

/** `docs/reference/conformance.md`, line by line, without the notice of its origin. */
export function conformancePage(): readonly string[] {
  return [
    '# Conformance of an ML node',
    '',
    '`npm run conformance -- --url http://127.0.0.1:8080` (or `hybrid-mlnode conformance`) checks any running ML node, this one or the official one, and prints one line a rule: `ok`, `failed` or `skipped`, number, rule, and the reason when it is not `ok`. The exit code is 1 when a rule failed. It looks only; rules that change what the node does (stop it, start PoC, load its model) run with `--disruptive`, after a question or with `--yes`, and the node is brought back to the service in which it was found. `hybrid-mlnode conformance --help` lists the options.',
    '',
    'A rule is skipped when it says nothing about the node at that moment: another generation of PoC, a path that its version lacks and the Network Node tolerates to be missing, no GPU behind it, nobody who listens for callbacks. With `--callback-listen` the command is the callback server; the node has to reach it (`--callback-url` names another origin, for a tunnel). A gateway with `GONKA_CALLBACK_URL` posts its callbacks there instead, so unset it before.',
    '',
    'Not checked: training (removed from the network in v0.2.12), the download of a model, and what completions say.',
    ...chapters.flatMap(section),
  ];
}

const section = (chapter: Chapter): readonly string[] => [
  '',
  `## ${chapter.title}`,
  '',
  ...(chapter.isDisruptive ? ['Changes the node: `--disruptive` only.', ''] : []),
  '| Rule | What the node does | Source |',
  '| --- | --- | --- |',
  ...chapter.rules.map(row),
];

const row = ({ id, sentence, source }: Rule): string =>
  `| ${id} | ${cell(sentence.replace('{pollLimit}', 'the limit (`--poll-limit`, 50 ms)'))} | [${source}](protocol.md#${anchorOf(source)}) |`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '\\<');

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(' ', '-');
