import type { Notice, NoticeEvent } from '../../alerts/notice.ts';

const words: Readonly<Record<NoticeEvent, string>> = {
  raised: '',
  worsened: 'worse: ',
  reminder: 'still: ',
  recovered: 'over: ',
  test: 'test: ',
};

const signs = { info: '🔵', warning: '🟠', critical: '🔴' } as const;

/** One line: a subject, or what a lock screen shows. */
export function noticeSubject(notice: Notice): string {
  return `[${notice.node}] ${words[notice.event]}${notice.title}`;
}

/** The sign of its severity; green when it is over. */
export const noticeSign = ({ event, severity }: Notice): string =>
  event === 'recovered' ? '🟢' : signs[severity];

/** Plain text, a few lines, no markup: nothing in a message can be taken for formatting. */
export function noticeText(notice: Notice): string {
  const { event, message, advice, runbook, severity, code, since } = notice;
  if (event === 'recovered') return [`It was: ${message}`, `Open since ${since}.`].join('\n');
  return [message, '', `What to do: ${advice}`, runbook, '', `${severity}, ${code}, since ${since}`].join(
    '\n',
  );
}

/** Cut to so many characters (UTF-16 units, as the limits of the services count), never within a character. */
export function shortened(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  return `${text.slice(0, charactersMax - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
