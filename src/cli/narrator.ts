import type { JournalEntry } from '../runtime/interface.ts';
import type { EpochContext } from '../machines/epoch-context.ts';

/** One line for a person; `detail` where the state alone does not tell enough. */
export interface Sentence {
  readonly subject: string;
  readonly text: string;
  readonly isBad: boolean;
}

const epochTexts: Readonly<Record<string, string>> = {
  idle: 'waits for its PoC',
  approaching: 'approaches; heads are followed block by block',
  'takingOver.looking': 'looks whether the last PoC left a machine that can stay',
  'takingOver.asking': 'takes the machine over from the last PoC',
  'renting.choosing': 'looks for a machine',
  'renting.pausing': 'found no machine; looks again in a moment',
  'renting.waitingForPerson': 'cannot rent: a person is needed',
  booting: 'has taken a machine; waits for it to boot',
  ready: 'has its machine ready',
  generating: 'generates nonces',
  validating: 'validates the others',
  holding: 'keeps the machine for confirmation PoC',
  'replacing.awaiting': 'lost its machine; waits for another one to boot',
  'replacing.choosing': 'lost its machine; looks for another one',
  'replacing.pausing': 'lost its machine and found no other one; looks again in a moment',
  'replacing.waitingForPerson': 'lost its machine and cannot rent: a person is needed',
  'releasing.returning': 'gives the machine back',
  'releasing.counting': 'counts what was delivered',
  settled: 'is over',
  skipped: 'is skipped',
};
const leaseTexts: Readonly<Record<string, string>> = {
  creating: 'is being rented',
  lookingUp: 'was perhaps rented; its label is looked up',
  loading: 'loads the image',
  connecting: 'runs; SSH is being opened',
  starting: 'is reached; the ML node starts',
  loadingModel: 'is reached; the model is being loaded',
  qualifying: 'is being checked',
  'held.ready': 'is ready',
  'held.working': 'works',
  'releasing.destroying': 'is being destroyed',
  'releasing.pausing': 'could not be destroyed; again in a moment',
  confirmingGone: 'is destroyed; two lists must prove it',
  gone: 'is gone',
};
const serviceTexts: Readonly<Record<string, string>> = {
  inference: 'serves inference',
  stopped: 'was stopped by the Network Node',
  'pow.generating': 'was told to generate, and the machine took it',
  'pow.validating': 'was told to validate, and the machine took it',
};
const registrationTexts: Readonly<Record<string, string>> = {
  registering: 'registers the node at the admin API',
  registered: 'is listed as wanted',
  waiting: 'failed; again in a moment',
  refused: 'is refused: a person is needed',
};
const books: Readonly<
  Record<string, { readonly name: string; readonly texts: Readonly<Record<string, string>> }>
> = {
  epoch: { name: 'epoch', texts: epochTexts },
  lease: { name: 'machine', texts: leaseTexts },
  service: { name: 'node', texts: serviceTexts },
  registration: { name: 'registration', texts: registrationTexts },
  reconciler: { name: 'sweep', texts: { destroying: 'destroys machines of ours that no lease knows' } },
};

/** Tells the journal as a story: one sentence whenever a row enters another state, silence in between. */
export function createNarrator(): (
  entry: Pick<JournalEntry, 'rowId' | 'chart' | 'event' | 'value'>,
) => Sentence | null {
  const last = new Map<string, string>();
  return (entry) => {
    // A plan that is worked out anew sends its row back to the start for a moment: no news.
    if (entry.event.type === 'PLAN.CHANGED') return null;
    const book = books[entry.chart];
    const state = path(entry.value);
    const text = book?.texts[state] ?? book?.texts[state.split('.')[0] ?? ''];
    if (book === undefined || text === undefined || last.get(entry.rowId) === text) return null;
    last.set(entry.rowId, text);
    const fault = (entry.event as { error?: { code?: string; message?: string } }).error;
    const why = fault?.message === undefined ? '' : ` (${fault.code}: ${fault.message})`;
    return { subject: subject(book.name, entry.rowId), text: `${text}${why}`, isBad: fault !== undefined };
  };
}

/** `{ pow: 'generating' }` as `pow.generating`. */
export function path(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([name, inner]) => (path(inner) === '' ? name : `${name}.${path(inner)}`))
    .join(' ');
}

/** What an epoch row says of itself at its end. */
export const epochOutcome = (context: EpochContext): string => context.outcome ?? 'open';

function subject(name: string, rowId: string): string {
  const id = rowId.includes(':') ? rowId.slice(rowId.indexOf(':') + 1) : '';
  // The end of a ULID is what tells two machines apart.
  return id === '' ? name : `${name} ${id.length > 8 ? id.slice(-6) : id}`;
}
