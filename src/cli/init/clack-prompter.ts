import * as clack from '@clack/prompts';
import { Cancelled } from '../cancelled.ts';
import type { Prompter } from './prompter.ts';

/** Questions at the terminal, on stderr: stdout is for data. */
export function createClackPrompter(): Prompter {
  const output = process.stderr;
  return {
    say: (text) => clack.log.info(text, { output }),
    text: async ({ message, initial, problem }) =>
      given(
        await clack.text({
          message,
          output,
          validate: (answer) => problem(answer?.trim() ?? ''),
          ...(initial === undefined ? {} : { initialValue: initial }),
        }),
      ).trim(),
    secret: async ({ message, initial, problem }) => {
      const hint = initial === undefined ? message : `${message} (empty: keep the one that is set)`;
      const check = (answer: string | undefined): string | undefined =>
        (answer ?? '') === '' && initial !== undefined ? undefined : problem((answer ?? '').trim());
      const answer = given(await clack.password({ message: hint, output, validate: check }));
      return answer.trim() === '' ? (initial ?? '') : answer.trim();
    },
    choose: async (message, options, initial) =>
      given(
        await clack.select({
          message,
          output,
          maxItems: 12,
          initialValue: initial,
          options: options.map(({ value, label }) => ({ value, label })),
        }),
      ),
    confirm: async (message) => given(await clack.confirm({ message, output, initialValue: false })),
  };
}

function given<Answer>(answer: Answer): Exclude<Answer, symbol> {
  if (clack.isCancel(answer)) throw new Cancelled('cancelled, nothing was written');
  return answer as Exclude<Answer, symbol>;
}
