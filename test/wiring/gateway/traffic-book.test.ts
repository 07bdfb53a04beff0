import { describe, expect, it } from 'vitest';
import type { Upstream, UpstreamReceiver } from '../../../src/adapters/upstream/interface.ts';
import { HybridError } from '../../../src/errors.ts';
import { TrafficBook } from '../../../src/wiring/gateway/traffic-book.ts';

const ask = { path: '/chat/completions', body: '{}' } as const;
const deaf: UpstreamReceiver = { head: () => {}, data: () => true, end: () => {}, failed: () => {} };

/** A back end in the test's hands. */
function bookCase() {
  let now = 1_760_000_000_000;
  const book = new TrafficBook(() => now);
  let receiver = deaf;
  let aborted = 0;
  const upstream: Upstream = {
    name: 'api',
    models: () => Promise.resolve([]),
    complete: () => Promise.reject(new Error('not used')),
    exchange: (_request, given) => {
      receiver = given;
      return { resume: () => {}, abort: () => (aborted += 1) };
    },
  };
  const timed = book.timed(upstream);
  return {
    book,
    send: (given = deaf) => timed.exchange(ask, given),
    answer: () => receiver,
    wait: (ms: number) => (now += ms),
    aborted: () => aborted,
    view: () => book.view()[0],
  };
}
const head = (status: number) => ({ status, contentType: '', retryAfterSeconds: null });

describe('the traffic of a back end', () => {
  it('counts what was answered, refused and lost, and what is on its way', () => {
    const { send, answer, view } = bookCase();
    send();
    answer().head(head(200));
    answer().data(Buffer.from('x'));
    expect(view()).toMatchObject({ running: 1, lastHour: { requests: 0 } });
    answer().end();
    send();
    answer().head(head(503));
    answer().end();
    send();
    answer().failed(new HybridError({ code: 'UPSTREAM_BROKEN', message: 'gone' }));
    expect(view()).toMatchObject({ running: 0, lastHour: { requests: 3, failed: 2 } });
    expect(view()?.lastHour.firstByteP50Ms).toBeLessThan(1_000);
  });

  it('hands everything on unchanged, and counts an exchange once however it ends', () => {
    const { send, answer, aborted, view } = bookCase();
    const got: string[] = [];
    const exchange = send({
      head: ({ status }) => void got.push(`head ${status}`),
      data: (bytes) => (got.push(`data ${bytes.toString()}`), false),
      end: () => void got.push('end'),
      failed: ({ code }) => void got.push(code),
    });
    answer().head(head(200));
    expect(answer().data(Buffer.from('x'))).toBe(false);
    answer().end();
    exchange.abort();
    expect(got).toEqual(['head 200', 'data x', 'end']);
    expect(aborted()).toBe(1);
    expect(view()?.lastHour).toMatchObject({ requests: 1, failed: 0 });
  });

  it('keeps an hour', () => {
    const { send, answer, wait, view } = bookCase();
    for (let minute = 0; minute < 120; minute += 1) {
      send();
      answer().end();
      wait(60_000);
    }
    expect(view()?.series.length).toBeLessThanOrEqual(61);
    expect(view()?.lastHour.requests).toBe(view()?.series.length);
  });
});
