const grouped = new Intl.NumberFormat('en-US');
const clockTime = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

export const count = (value: number): string => grouped.format(Math.round(value));
/** Heights with thin spaces, so that seven digits can be read. */
export const height = (value: number): string => grouped.format(Math.floor(value)).replaceAll(',', '\u202f');

/** Micro-dollars for people: cents from ten cents on, else as many digits as say something. */
export function dollars(micro: number): string {
  const amount = micro / 1e6;
  if (amount === 0) return '$0';
  return amount >= 0.1 ? `$${amount.toFixed(2)}` : `$${amount.toFixed(4)}`;
}

/** `4 min 20 s`, `2 h 05 min`, `3 d 4 h`; two units at most. */
export function duration(ms: number): string {
  const all = Math.max(0, Math.round(ms / 1_000));
  if (all < 60) return `${all} s`;
  if (ms < 10 * minuteMs) return `${Math.floor(all / 60)} min ${String(all % 60).padStart(2, '0')} s`;
  if (ms < hourMs) return `${Math.round(ms / minuteMs)} min`;
  if (ms < dayMs) {
    const minutes = Math.round(ms / minuteMs);
    return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
  }
  const hours = Math.round(ms / hourMs);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How sure a time is: one unit, rounded up. */
export function spread(ms: number): string {
  if (ms < 1_000) return '±1 s';
  if (ms < 90_000) return `±${Math.ceil(ms / 1_000)} s`;
  if (ms < 90 * minuteMs) return `±${Math.ceil(ms / minuteMs)} min`;
  return `±${Math.ceil(ms / hourMs)} h`;
}

/** Of a time that nobody stated, a dash. */
export const time = (at: number): string => (Number.isFinite(at) ? clockTime.format(at) : '–');
export const dayTime = (at: number): string =>
  Number.isFinite(at) ? `${day.format(at)}, ${clockTime.format(at)}` : '–';

export const percent = (share: number): string => `${Math.round(100 * share)}\u202f%`;
export const milliseconds = (ms: number | null): string => {
  if (ms === null) return '–';
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
};

/** The end of a ULID is what tells two machines apart. */
export const shortId = (id: string): string => (id.length > 8 ? id.slice(-5) : id);
