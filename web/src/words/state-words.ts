/** What a state is called, and what goes on in it, for somebody who never saw a statechart. */
export interface StateWords {
  readonly title: string;
  readonly text: string;
}

type Book = Readonly<Record<string, StateWords>>;
const words = (title: string, text: string): StateWords => ({ title, text });

const epoch: Book = {
  planned: words('Planned', 'The heights of this PoC are known; what to do when is being worked out.'),
  idle: words('Waiting', 'The PoC is far away. Nothing is rented, nothing is paid.'),
  approaching: words('Approaching', 'The PoC is near: every block is followed from here on.'),
  takingOver: words('Taking over', 'The epoch before is asked for its machine, before a new one is paid.'),
  'takingOver.looking': words('Looking', 'Does the epoch before still hold a machine that fits?'),
  'takingOver.asking': words('Asking', 'The epoch before is asked to hand its machine over.'),
  renting: words('Renting', 'A machine is being looked for on the market.'),
  'renting.choosing': words(
    'Choosing',
    'Offers are searched and ranked by what the whole rental would cost.',
  ),
  'renting.pausing': words(
    'Looking again',
    'No offer fits at this moment; the search is repeated in a moment.',
  ),
  'renting.waitingForPerson': words(
    'Needs you',
    'Renting cannot go on by itself. The alert says what is wrong.',
  ),
  booting: words('Booting', 'A machine is rented and comes up: image, SSH, ML node, check of its GPUs.'),
  ready: words('Ready', 'The machine passed its check and waits for the PoC to begin.'),
  generating: words('Generating', 'PoC runs: the machine computes nonces for as long as the chain allows.'),
  validating: words('Validating', 'PoC runs: the machine checks the nonces of other hosts.'),
  holding: words('Holding', 'PoC is over; the machine stays for confirmation PoC until the next epoch.'),
  replacing: words('Replacing', 'The machine was lost while it was still needed; another one is rented.'),
  'replacing.awaiting': words('Awaiting', 'The new machine boots; nothing else to do until it is ready.'),
  'replacing.choosing': words('Choosing', 'Offers are searched and ranked, as for the first machine.'),
  'replacing.pausing': words(
    'Looking again',
    'No offer fits at this moment; the search is repeated in a moment.',
  ),
  'replacing.waitingForPerson': words(
    'Needs you',
    'Replacing cannot go on by itself. The alert says what is wrong.',
  ),
  releasing: words('Releasing', 'PoC is over: the machine goes back, and what was delivered is counted.'),
  'releasing.returning': words(
    'Giving back',
    'The machine is destroyed; two lists must prove that it is gone.',
  ),
  'releasing.counting': words('Counting', 'What the Network Node accepted is counted.'),
  'releasing.recounting': words(
    'Counting again',
    'Callbacks were still on their way; counted again in a moment.',
  ),
  skipped: words('Skipped', 'Nothing was rented for this PoC, on purpose.'),
  settled: words('Settled', 'This PoC is over and its books are closed.'),
};

const lease: Book = {
  intended: words('Intended', 'The rental and its worst cost are written down before anything is asked for.'),
  creating: words('Creating', 'The provider is asked for the machine.'),
  lookingUp: words(
    'Looking up',
    'The answer was lost: the machine is looked for by its label, never bought twice.',
  ),
  'lookingUp.looking': words('Looking', 'The list of instances is read for the label.'),
  'lookingUp.pausing': words('Pausing', 'A moment before the next look.'),
  loading: words('Loading', 'The provider loads the image. The GPU is not paid yet, the disk is.'),
  connecting: words('Connecting', 'The container runs and the GPU meter too; SSH is being opened.'),
  starting: words('Starting', 'The ML node on the machine starts.'),
  loadingModel: words('Loading model', 'The weights are fetched and loaded onto the GPUs.'),
  qualifying: words('Qualifying', 'Are all GPUs there, does the software answer, do callbacks come through?'),
  held: words('Held', 'The machine is usable.'),
  'held.ready': words('Ready', 'It waits for work.'),
  'held.working': words('Working', 'It serves PoC.'),
  releasing: words('Releasing', 'The machine is being destroyed; it is tried until it works.'),
  'releasing.destroying': words('Destroying', 'The provider is asked to destroy it.'),
  'releasing.pausing': words('Pausing', 'That failed; again in a moment, for as long as it takes.'),
  confirmingGone: words(
    'Proving',
    'Destroyed, says the provider. Two lists, ten seconds apart, must lack it.',
  ),
  'confirmingGone.looking': words('Looking', 'The list of instances is read.'),
  'confirmingGone.pausing': words('Pausing', 'Ten seconds until the second list.'),
  gone: words('Gone', 'Proven gone; its cost is settled.'),
};

const service: Book = {
  inference: words('Inference', 'The node answers inference. PoC is not running.'),
  'inference.idle': words('Serving', 'Inference is answered; no PoC work runs.'),
  'inference.generating': words('Generating', 'PoC v2: the rented machine generates beside inference.'),
  'inference.validating': words('Validating', 'PoC v2: the rented machine checks what others generated.'),
  pow: words('PoC', 'The Network Node has put the node into PoC.'),
  'pow.idle': words('Idle', 'PoC mode, without work at this moment.'),
  'pow.generating': words('Generating', 'Nonces are computed on the rented machine.'),
  'pow.validating': words('Validating', 'Nonces of others are checked on the rented machine.'),
  stopped: words('Stopped', 'The Network Node stopped the node.'),
};

const registration: Book = {
  checking: words('Checking', 'What the Network Node lists is compared with what it should list.'),
  registering: words('Registering', 'The node is made known to the Network Node.'),
  registered: words('Registered', 'The Network Node lists the node as wanted.'),
  waiting: words('Waiting', 'That failed; again in a moment.'),
  refused: words('Needs you', 'The Network Node refuses the node. The alert says why.'),
};

const confirmation: Book = {
  none: words('None', 'No confirmation PoC was announced.'),
  announced: words(
    'Announced',
    'The chain announced a confirmation PoC: a machine must be there when it begins.',
  ),
  generating: words('Generating', 'The confirmation PoC runs.'),
  'generating.checking': words('Checking', 'Is a machine of ours held?'),
  'generating.serving': words('Serving', 'A machine of ours computes for it.'),
  'generating.unserved': words(
    'Unserved',
    'No machine of ours is held: the reward of the epoch is at stake.',
  ),
  validating: words('Validating', 'What was generated for it is being checked.'),
  done: words('Done', 'The last confirmation PoC is over.'),
};

const books: Readonly<Record<string, Book>> = { epoch, lease, service, registration, confirmation };

/** Words for a state by its path; one that has none is named as the chart names it. */
export function stateWords(chart: string, path: string): StateWords {
  const found = books[chart]?.[path];
  if (found !== undefined) return found;
  return { title: spaced(path.split('.').at(-1) ?? path), text: '' };
}

/** True when the page has words of its own for that state. */
export const hasWords = (chart: string, path: string): boolean => books[chart]?.[path] !== undefined;

/** `waitingForPerson` as `Waiting for person`. */
export function spaced(key: string): string {
  const text = key.replaceAll(
    /([a-z0-9])([A-Z])/g,
    (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
  );
  return text.charAt(0).toUpperCase() + text.slice(1);
}
