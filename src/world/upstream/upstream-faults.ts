/** Faults of a hosted inference API (docs/reference/upstream.md "Errors", "Proxy rules"). */
export const upstreamFaults = [
  { name: 'error500', sentence: 'The next `value` completions answer 500.' },
  { name: 'html524', sentence: 'The next `value` completions answer 524 with an HTML page.' },
  { name: 'empty404', sentence: 'The next `value` completions answer 404 without a body.' },
  { name: 'rateLimited', sentence: 'The next `value` completions answer 429 with Retry-After.' },
  { name: 'keyRefused', sentence: 'Every call answers 401 while this is non-zero.' },
  { name: 'noCredit', sentence: 'Completions answer 402 while this is non-zero.' },
  { name: 'stallMidStream', sentence: 'The next `value` streams stop in the middle and say nothing more.' },
  { name: 'endsWithoutDone', sentence: 'The next `value` streams end without `[DONE]`.' },
  { name: 'errorChunk', sentence: 'The next `value` streams carry an error object in the middle and end.' },
  {
    name: 'modelGone',
    sentence: 'The model at place `value` (from 1) is retired: not listed, completions answer an empty 404.',
  },
  { name: 'hang', sentence: 'The next `value` completions are never answered.' },
  { name: 'down', sentence: 'Every connection is dropped while this is non-zero.' },
] as const;

/** Faults that may also come by chance, each with its probability a request. */
export type ChanceFault = 'error500' | 'rateLimited' | 'stallMidStream' | 'endsWithoutDone' | 'errorChunk';
export type FaultChances = Readonly<Partial<Record<ChanceFault, number>>>;
