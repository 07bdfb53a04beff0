import { FaultBoard, type FaultDescription } from '../neighbour.ts';

/** Every fault that this neighbour can show, with the meaning of its value. Source: docs/reference/vast.md. */
export const vastFaults = [
  {
    name: 'offerGone',
    sentence: 'The next n creates find the offer taken: 400 invalid_args with no_such_ask in msg.',
  },
  {
    name: 'createReplyLost',
    sentence: 'The next n creates rent the machine, then the connection breaks unanswered.',
  },
  {
    name: 'createNoId',
    sentence: 'The next n creates rent the machine, but their answer lacks new_contract.',
  },
  {
    name: 'createFailsWithContract',
    sentence: 'The next n creates answer success:false although they left a stopped instance.',
  },
  { name: 'create429', sentence: 'The next n creates are throttled whatever their spacing.' },
  {
    name: 'slowList',
    sentence: 'While on, lists and show do not know new rentals for n world milliseconds.',
  },
  { name: 'listEmpty', sentence: 'The next n list calls show an account without instances.' },
  { name: 'listMalformed', sentence: 'The next n list calls answer 200 with null where the rows should be.' },
  {
    name: 'listPartial',
    sentence: 'The next n list calls leave out a row without saying so; total_instances still counts it.',
  },
  { name: 'list500Html', sentence: 'The next n list calls get an HTML error page of the edge (502).' },
  { name: 'destroyFails', sentence: 'The next n destroys answer 500 and destroy nothing.' },
  { name: 'destroy429', sentence: 'The next n destroys are throttled whatever their spacing.' },
  { name: 'destroyLies', sentence: 'The next n destroys answer success and destroy nothing.' },
  { name: 'imageMissing', sentence: 'The images of the next n rentals cannot be pulled: manifest unknown.' },
  { name: 'neverBoots', sentence: 'The next n rentals stay in loading for ever.' },
  {
    name: 'ociFails',
    sentence: 'The containers of the next n rentals fail in created with an OCI runtime error.',
  },
  {
    name: 'exits',
    sentence:
      'n running containers exit at once; if fewer run, the next ones exit a minute after they began to.',
  },
  {
    name: 'offline',
    sentence:
      'The hosts of n running containers go offline; if fewer run, those of the next ones, a minute in.',
  },
  {
    name: 'intendedStopped',
    sentence: 'The next n rentals lose their GPU right after create: intended_status becomes stopped.',
  },
  { name: 'noCredit', sentence: 'While on, every create is refused with insufficient_credit.' },
  { name: 'keyRefused', sentence: 'While on, every key is refused (401, or 404 with auth_error).' },
  { name: 'slowBoot', sentence: 'While on, boots of new rentals take n times as long.' },
  { name: 'sloppySearch', sentence: 'The next n searches ignore the numeric filters.' },
  { name: 'down', sentence: 'While on, every connection is closed unanswered.' },
  {
    name: 'apiGone',
    sentence: 'While on, the version of the API behind the instance list is removed: 410 with an HTML page.',
  },
  {
    name: 'badRegion',
    sentence:
      'While on, new rentals in the region of the cheapest offers never leave loading n times as often.',
  },
  {
    name: 'creditGone',
    sentence:
      'While on, the account is empty: what runs is stopped at once, its disk is billed on, creates are refused.',
  },
] as const satisfies readonly FaultDescription[];

export type VastFault = (typeof vastFaults)[number]['name'];

/** The board, telling the world at once when a fault is switched: some concern machines that already run. */
export class VastFaultBoard extends FaultBoard {
  readonly #switched: () => void;
  constructor(switched: () => void) {
    super(vastFaults);
    this.#switched = switched;
  }
  override set(name: string, value: number): void {
    super.set(name, value);
    this.#switched();
  }
  override get(name: VastFault): number {
    return super.get(name);
  }
  override take(name: VastFault): boolean {
    const left = this.get(name);
    if (left > 0) super.set(name, left - 1);
    return left > 0;
  }
}
