import { settingOf } from '../../config/names.ts';
import { schema } from '../../config/schema.ts';
import type { Prompter } from './prompter.ts';

type Name = keyof typeof schema.shape;

interface Asked {
  readonly name: Name;
  readonly message: string;
  readonly isSecret?: true;
  readonly isOptional?: true;
}

/** What a person is asked, in this order; everything else has a default that serves most hosts. */
const asked: readonly Asked[] = [
  { name: 'HYPERBOLIC_BASE_URL', message: 'Inference API (OpenAI-compatible base URL)' },
  { name: 'HYPERBOLIC_API_KEY', message: 'Its key', isSecret: true },
  { name: 'VASTAI_API_KEY', message: 'Vast.ai key (cloud.vast.ai/manage-keys)', isSecret: true },
  { name: 'VASTAI_MAX_PRICE', message: 'Most that a machine may cost, dollars an hour' },
  { name: 'MAX_DAILY_SPEND', message: 'Most that may be spent on machines in a day, dollars' },
  { name: 'GONKA_ADMIN_API_URL', message: 'Admin API of your Network Node (private, port 9200)' },
  {
    name: 'GONKA_CALLBACK_URL',
    message: 'Origin of its callback port 9100 as this host reaches it (empty: as each call says)',
    isOptional: true,
  },
  { name: 'GONKA_NETWORK_NODE_URL', message: 'Sources of the chain’s epochs, comma separated' },
  { name: 'VPS_IP', message: 'Address of this host as the Network Node reaches it' },
];

/** Asks a person for everything that `values` may lack, with what it has as the answer that lies ready. */
export async function askQuestions(
  prompter: Prompter,
  values: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const answers = new Map(values);
  for (const { name, message, isSecret, isOptional } of asked) {
    const initial = answers.get(name) ?? settingOf(name)?.default;
    const problem = (answer: string): string | undefined =>
      answer === '' && isOptional === true ? undefined : problemOf(name, answer);
    const question = { message, initial, problem };
    const answer = await (isSecret === true ? prompter.secret(question) : prompter.text(question));
    if (answer !== '' && answer !== settingOf(name)?.default) answers.set(name, answer);
    else answers.delete(name);
  }
  const policy = await prompter.choose('Rental policy', policies, answers.get('RENTAL_POLICY') ?? 'auto');
  answers.set('RENTAL_POLICY', policy);
  return answers;
}

const policies = [
  { value: 'auto', label: 'auto: epoch where the chain runs confirmation PoC, else sprint' },
  { value: 'epoch', label: 'epoch: keep the machine until the next PoC' },
  { value: 'sprint', label: 'sprint: return the machine after PoC (unrewarded where confirmation PoC runs)' },
  { value: 'off', label: 'off: rent nothing' },
];

/** What is wrong with one setting, in words; the same check as at the start. */
export function problemOf(name: string, value: string): string | undefined {
  if (!Object.hasOwn(schema.shape, name)) return 'is no setting';
  const result = schema.shape[name as Name].safeParse(value);
  return result.success ? undefined : (result.error.issues[0]?.message ?? 'is wrong');
}
