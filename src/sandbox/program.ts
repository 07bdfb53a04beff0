import { fileURLToPath } from 'node:url';

/** `.ts` where Node strips the types, `.js` in the package, whose files are compiled. */
const extension = import.meta.url.endsWith('.js') ? 'js' : 'ts';

/** A program of this house as a file to be run, `name` from `src/` and without its extension. */
export const programPath = (name: string): string =>
  fileURLToPath(new URL(`../${name}.${extension}`, import.meta.url));
