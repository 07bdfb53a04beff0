import { createOfetchTransport } from '../../adapters/ofetch-transport.ts';
import { type Check, error, ok, warning } from './finding.ts';

/** `Date` has whole seconds, and the answer takes its time. */
const limitsSeconds = { warning: 10, error: 60 };
const timeoutMs = 5_000;

/** The wall clock against those of the neighbours, by the `Date` of their answers: most of them are right. */
export const clockCheck: Check = async ({ config, host, signal }) => {
  const urls = [...config.chain.urls, config.vast.baseUrl, ...config.backEnds.map(({ baseUrl }) => baseUrl)];
  const skews = await Promise.all(urls.map((url) => skewSeconds(url, () => host.now(), signal)));
  const known = skews.filter((skew) => skew !== undefined).toSorted((a, b) => a - b);
  const skew = known[Math.floor(known.length / 2)];
  const fix = 'let the system keep its time: timedatectl set-ntp true';
  if (skew === undefined) return [warning('clock', 'nobody told the time', fix)];
  const text = `this clock is ${Math.abs(skew).toFixed(0)} s ${skew > 0 ? 'ahead of' : 'behind'} the neighbours'`;
  if (Math.abs(skew) > limitsSeconds.error) return [error('clock', text, fix)];
  return [Math.abs(skew) > limitsSeconds.warning ? warning('clock', text, fix) : ok('clock', text)];
};

/** Undefined where nobody answers, or says no time. */
async function skewSeconds(url: string, now: () => number, signal: AbortSignal): Promise<number | undefined> {
  const sentAt = now();
  try {
    const { headers } = await createOfetchTransport()({ method: 'GET', url: `${url}/`, timeoutMs, signal });
    const there = Date.parse(headers['date'] ?? '');
    // In the middle of its second, and in the middle of the exchange.
    return Number.isNaN(there) ? undefined : ((sentAt + now()) / 2 - there - 500) / 1000;
  } catch {
    return undefined;
  }
}
