import { isIP } from 'node:net';
import { z } from 'zod';
import {
  gigabytes,
  megabytes,
  microUsdOfDollars,
  microUsdPerHourOfDollars,
  milliseconds,
  type Milliseconds,
} from '../units.ts';

/** What the text of one setting may be, and what it becomes. Messages continue "NAME (file) …". */

export const text = z.string().min(1);

export const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port, 1 to 65535')
  .transform(Number)
  .refine((value) => value >= 1 && value <= 65_535, 'must be a port, 1 to 65535');

export const count = (low: number, high: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number, ${low} to ${high}`)
    .transform(Number)
    .refine((value) => value >= low && value <= high, `must be a whole number, ${low} to ${high}`);

export const decimal = (low: number, high: number, what: string) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, `must be ${what}`)
    .transform(Number)
    .refine((value) => value >= low && value <= high, `must be ${what}, ${low} to ${high}`);

/** Seconds as written, milliseconds as used. A month is the limit: more is a mistake of unit. */
export const seconds = decimal(0.001, 2_592_000, 'a number of seconds').transform(
  (value): Milliseconds => milliseconds(value * 1000),
);

export const gpuGigabytes = decimal(1, 100_000, 'a number of GB').transform((value) =>
  megabytes(value * 1000),
);
export const diskGigabytes = decimal(8, 100_000, 'a number of GB').transform(gigabytes);
export const dollarsPerHour = decimal(0.001, 1000, 'dollars an hour').transform(microUsdPerHourOfDollars);
export const dollarAmount = decimal(0, 1_000_000, 'an amount in dollars').transform(microUsdOfDollars);

export const choice = <const T extends readonly [string, ...string[]]>(options: T) =>
  z.enum(options, `must be one of ${options.join(', ')}`);

/** An http(s) URL without user, query and fragment; no trailing slash. */
export const baseUrl = z.string().transform((value, context) => {
  const url = parsedUrl(value);
  if (url === undefined) return failed(context, 'must be a URL such as http://host:port');
  if (url.username !== '' || url.password !== '') return failed(context, 'must carry no user or password');
  if (url.search !== '' || url.hash !== '') return failed(context, 'must end before ? and #');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
});

export const origin = baseUrl.refine(
  (value) => new URL(value).pathname === '/',
  'must be scheme, host and port only',
);

export const baseUrls = z
  .string()
  .transform((value) => value.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()])))
  .pipe(z.array(baseUrl).min(1, 'must name at least one URL'));

/** Bech32 of an account: the prefix, then 32 characters for its 20 bytes and 6 of a checksum. */
export const chainAddress = z
  .string()
  .regex(/^gonka1[02-9ac-hj-np-z]{38}$/, 'must be an account address, gonka1 and 38 letters and digits');

/** As the Network Node needs it: it builds `http://host:port` itself. */
export const bareHost = z
  .string()
  .regex(/^[^/:]+$/, 'must be a bare name or IP, without scheme, port and path')
  .refine((value) => isIP(value) === 4 || isHostname(value), 'must be a host name or an IPv4 address');

/** Beside the empty one, the gateway serves one segment each: the doubled start of its own paths, which it folds. */
export const segment = (only: string) =>
  z
    .string()
    .transform((value) => `/${value.replaceAll(/^\/+|\/+$/g, '')}`)
    .refine((value) => value === only, `must be empty or ${only}: the gateway serves nothing else`);

export const gpuNames = z
  .string()
  .transform((value) =>
    value.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim().replaceAll('_', ' ')])),
  )
  .refine((names) => names.length > 0, 'must name a GPU or be ANY')
  .transform((names) => (names.some((name) => name.toUpperCase() === 'ANY') ? undefined : names));

/** An image of a machine, pinned at least by a tag. */
export const image = z
  .string()
  .regex(/^[a-z0-9][\w.:/@-]*$/i, 'must be an image reference')
  .refine(
    (value) => /:[\w.-]+(@sha256:[0-9a-f]{64})?$|@sha256:[0-9a-f]{64}$/.test(value),
    'must carry a tag or digest',
  );

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

export const isLoopbackUrl = (url: string): boolean => isLoopback(new URL(url).hostname);

const isHostname = (value: string): boolean =>
  /^(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(value) && !/^[\d.]+$/.test(value);

function parsedUrl(value: string): URL | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
}

function failed(context: z.core.$RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
