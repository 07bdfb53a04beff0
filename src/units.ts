/**
 * Units that kill when they are mixed up, as types. A branded number is an ordinary number at run time
 * (it survives JSON), but the compiler refuses megabytes where gigabytes are due. Arithmetic gives a plain
 * number back, so the result has to be named again; that is where a mistake becomes visible.
 */
declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** Absolute block height on the Gonka chain. */
export type BlockHeight = Unit<'block height'>;
/** A number of blocks (a distance between two heights). */
export type BlockCount = Unit<'blocks'>;
/** A duration in milliseconds of the daemon's clock (scaled by `TIME_SCALE` in the sandbox). */
export type Milliseconds = Unit<'ms'>;
/** A point in time, milliseconds since the Unix epoch on the daemon's clock. */
export type UnixMs = Unit<'unix ms'>;
/** Memory of GPUs as Vast.ai's API states it: megabytes, 1 GB = 1000 MB in its filters. */
export type Megabytes = Unit<'MB'>;
/** Disk and image sizes. */
export type Gigabytes = Unit<'GB'>;
/** Money: integer millionths of a US dollar. */
export type MicroUsd = Unit<'micro-USD'>;
/** Price of an instance: integer millionths of a US dollar an hour. */
export type MicroUsdPerHour = Unit<'micro-USD per hour'>;

/** Names a plain number's unit. Throws a RangeError for anything but a non-negative integer. */
export const blockHeight = (value: number): BlockHeight => integer(value, 'block height') as BlockHeight;
export const blockCount = (value: number): BlockCount => integer(value, 'block count') as BlockCount;
export const milliseconds = (value: number): Milliseconds => finite(value, 'milliseconds') as Milliseconds;
export const unixMs = (value: number): UnixMs => finite(value, 'unix ms') as UnixMs;
export const megabytes = (value: number): Megabytes => finite(value, 'megabytes') as Megabytes;
export const gigabytes = (value: number): Gigabytes => finite(value, 'gigabytes') as Gigabytes;
export const microUsd = (value: number): MicroUsd => integer(value, 'micro-USD') as MicroUsd;
export const microUsdPerHour = (value: number): MicroUsdPerHour =>
  integer(value, 'micro-USD per hour') as MicroUsdPerHour;

/** Dollars as an API states them (a float), rounded up: a cap must never be passed by rounding. */
export const microUsdOfDollars = (dollars: number): MicroUsd => microUsd(Math.ceil(dollars * 1e6 - 1e-6));
export const microUsdPerHourOfDollars = (dollars: number): MicroUsdPerHour =>
  microUsdPerHour(Math.ceil(dollars * 1e6 - 1e-6));
/** For people: `0.123456` as `$0.1235`. */
export const dollars = (amount: MicroUsd | MicroUsdPerHour): string => `$${(amount / 1e6).toFixed(4)}`;

function finite(value: number, what: string): number {
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`${value} is no ${what}`);
  return value;
}

function integer(value: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no ${what}`);
  return value;
}
