import { fileURLToPath } from 'node:url';

/** The absolute command line that runs this very program, in the form of a unit file. */
export function programCommand(): string {
  const program = fileURLToPath(new URL('../../bin/hybrid-mlnode.js', import.meta.url));
  return [process.execPath, program].map(escaped).join(' ');
}

/** A unit file splits at blanks and knows `%` and `$` (man systemd.service "Command lines"). */
const escaped = (path: string): string => {
  const text = path.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /\s/.test(text) ? `"${text}"` : text;
};
