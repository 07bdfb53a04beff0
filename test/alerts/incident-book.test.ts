import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BookTerms, turnPage } from '../../src/alerts/incident-book.ts';
import type { Incident } from '../../src/runtime/alert-ledger.ts';
import type { OpenAlert } from '../../src/runtime/interface.ts';
import { type UnixMs, unixMs } from '../../src/units.ts';

const minute = 60_000;
const hour = 60 * minute;

/** The book over time, with what it told: an alert is open while it is in `open`. */
class Reader {
  incidents = new Map<string, Incident>();
  told: { at: number; event: string; key: string; id: string }[] = [];
  now = 1_000_000_000;
  readonly terms: BookTerms;
  #ids = 0;

  constructor(terms: Partial<BookTerms> = {}) {
    this.terms = {
      minSeverity: 'warning',
      reminderMs: 6 * hour,
      startedAt: unixMs(0),
      newId: () => `i${(this.#ids += 1)}`,
      ...terms,
    };
  }

  look(open: readonly OpenAlert[], afterMs = 5_000): string[] {
    this.now += afterMs;
    const change = turnPage([...this.incidents.values()], open, unixMs(this.now), this.terms);
    for (const incident of change.keep) this.incidents.set(incident.key, incident);
    for (const key of change.forget) this.incidents.delete(key);
    const events = change.tellings.map(({ event, incident }) => {
      this.told.push({ at: this.now, event, key: incident.key, id: incident.id });
      return event;
    });
    return events;
  }

  /** Opened now. */
  alert(key: string, code: OpenAlert['code'], message = 'm'): OpenAlert {
    return { key, code, message, rowId: 'r', since: this.now as UnixMs };
  }
}

const missed = (reader: Reader): OpenAlert => reader.alert('poc-missed:7', 'POC_MISSED');

describe('the book of incidents', () => {
  it('tells of an alert at the first look, and once', () => {
    const reader = new Reader();
    const alert = missed(reader);
    expect(reader.look([alert])).toEqual(['raised']);
    for (let look = 0; look < 100; look += 1) expect(reader.look([alert])).toEqual([]);
  });

  it('waits with what often mends itself, and is still within 30 s', () => {
    const reader = new Reader();
    const alert = reader.alert('destroy:L', 'VAST_UNREACHABLE');
    const raisedAt = reader.now;
    while (reader.told.length === 0) reader.look([alert]);
    expect(reader.now - raisedAt).toBe(20_000);
    const other = reader.alert('breaker', 'UPSTREAM_TIMEOUT');
    expect(reader.look([alert, other], 10_000)).toEqual([]);
    expect(reader.look([alert])).toEqual([]);
  });

  it('reminds after a while, again and again, and not at all where that is switched off', () => {
    const reader = new Reader();
    const alert = missed(reader);
    reader.look([alert]);
    expect(reader.look([alert], 6 * hour - 5_000)).toEqual([]);
    expect(reader.look([alert])).toEqual(['reminder']);
    expect(reader.look([alert], 6 * hour)).toEqual(['reminder']);
    const quiet = new Reader({ reminderMs: 0 });
    const other = missed(quiet);
    quiet.look([other]);
    expect(quiet.look([other], 1_000 * hour)).toEqual([]);
  });

  it('tells the end once it has lasted, under the same incident', () => {
    const reader = new Reader();
    reader.look([missed(reader)]);
    expect(reader.look([])).toEqual([]);
    expect(reader.look([], 115_000)).toEqual([]);
    expect(reader.look([])).toEqual(['recovered']);
    expect(reader.look([], hour)).toEqual([]);
    expect(new Set(reader.told.map(({ id }) => id)).size).toBe(1);
  });

  it('says nothing about the end of what nobody was told of', () => {
    const reader = new Reader();
    reader.look([reader.alert('destroy:L', 'VAST_UNREACHABLE')]);
    for (let look = 0; look < 100; look += 1) expect(reader.look([])).toEqual([]);
    expect(reader.incidents.size).toBe(0);
  });

  it('leaves out what is below the least severity', () => {
    const reader = new Reader({ minSeverity: 'critical' });
    expect(reader.look([reader.alert('participant', 'PARTICIPANT_MISSING')], hour)).toEqual([]);
    expect(reader.look([missed(reader)])).toEqual(['raised']);
  });

  it('tells when it gets worse, not when it gets better', () => {
    const reader = new Reader();
    const alert = reader.alert('renting', 'VAST_NO_OFFER');
    reader.look([alert], 25_000);
    expect(reader.look([{ ...alert, code: 'VAST_NO_CREDIT' }])).toEqual(['worsened']);
    expect(reader.look([{ ...alert, code: 'VAST_NO_OFFER' }])).toEqual([]);
    expect(reader.look([{ ...alert, code: 'VAST_NO_CREDIT' }])).toEqual(['worsened']);
  });

  it('does not mistake a restart for an end: what lives in memory needs its time to show again', () => {
    const before = new Reader();
    before.look([before.alert('chain', 'CHAIN_UNREACHABLE')]);
    const after = new Reader({ startedAt: unixMs(before.now) });
    after.incidents = before.incidents;
    after.now = before.now;
    for (let look = 0; look < 120; look += 1) expect(after.look([])).toEqual([]);
    expect(after.look([], 2 * minute)).toEqual(['recovered']);
  });

  it('tells of what comes back after its end as of something new, and waits longer each time with its end', () => {
    const reader = new Reader();
    const gaps: number[] = [];
    for (let time = 0; time < 4; time += 1) {
      expect(reader.look([missed(reader)])).toEqual(['raised']);
      const endedAt = reader.now;
      while (!reader.look([]).includes('recovered'));
      gaps.push(Math.round((reader.now - endedAt) / minute));
    }
    expect(gaps).toEqual([2, 4, 8, 16]);
  });

  it('writes at most a few messages an hour about an alert that flaps, however it flaps', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(600), fc.nat(600)), { minLength: 300, maxLength: 300 }),
        (cycles) => {
          const reader = new Reader();
          for (const [open, shut] of cycles) {
            const alert = missed(reader);
            reader.look([alert], 1_000);
            reader.look([alert], open * 1_000);
            reader.look([], 1_000);
            reader.look([], shut * 1_000);
          }
          for (const { at } of reader.told) {
            const within = reader.told.filter((each) => each.at >= at && each.at < at + hour);
            expect(within.length).toBeLessThanOrEqual(10);
          }
          // Every incident begins, and has one end at most.
          for (const [, list] of Map.groupBy(reader.told, ({ id }) => id)) {
            expect(list[0]?.event).toBe('raised');
            expect(list.filter(({ event }) => event === 'recovered').length).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
