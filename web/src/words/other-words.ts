type Titles = Readonly<Record<string, string>>;

/** States of the charts that nobody opens as a picture, by their last name; one that says nothing of its own is empty. */
const books: Readonly<Record<string, Titles>> = {
  // The other region asks and pauses in turn, all the time.
  chainClock: {
    reading: '',
    pausing: '',
    syncing: 'no block yet',
    following: 'blocks come in',
    stale: 'no new block',
    halted: 'stands still',
  },
  upstream: { closed: 'answers', open: 'left alone after failures', halfOpen: 'is tried again' },
  tunnel: {
    connecting: 'is being opened',
    open: 'is open',
    lost: 'is broken',
    backoff: 'is opened again in a moment',
    broken: 'cannot be opened',
    closed: 'is closed',
  },
  reconciler: {
    looking: 'looks for forgotten machines',
    destroying: 'destroys a forgotten machine',
    resting: 'found nothing forgotten',
    waiting: 'could not look; again in a moment',
  },
  participant: {
    asking: 'is being looked up',
    known: 'has an account',
    missing: 'has no account',
    waiting: 'looked up again in a moment',
  },
};

/** What a row of the rest of the house does, in words; undefined where the chart's own state words serve. */
export const otherWords = (chart: string, path: string): string | undefined =>
  books[chart]?.[path.split('.').at(-1) ?? path];
