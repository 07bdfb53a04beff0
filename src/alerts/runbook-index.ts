import { alertKindNames, alertKinds } from './alert-kinds.ts';

/** Lines of `docs/runbooks/index.md`. */
export function runbookIndex(): readonly string[] {
  return [
    '# Runbooks',
    '',
    'One page for each kind of alert: what is the case, where to look, what to do, how it ends. Every message links to its page; the daemon serves them under `/v1/runbooks/` of the inspection listener.',
    '',
    '| Kind | Severity | |',
    '| --- | --- | --- |',
    ...alertKindNames.map(
      (name) => `| [${name}](${name}.md) | ${alertKinds[name].severity} | ${alertKinds[name].title} |`,
    ),
  ];
}
