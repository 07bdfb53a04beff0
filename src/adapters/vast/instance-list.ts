import { z } from 'zod';
import { HybridError } from '../../errors.ts';
import type { Instance, InstanceList } from './interface.ts';
import { readInstance } from './instance-reading.ts';
import { demandOk, isKeyRefusal } from './refusal-reading.ts';
import type { VastAnswer } from './vast-line.ts';
import { wireNumber } from './wire-number.ts';

/** An account with more instances than this is not one that this daemon can vouch for. */
const pagesMax = 200;

const pageSchema = z.object({
  success: z.literal(true),
  instances: z.array(z.unknown()),
  total_instances: wireNumber,
  next_token: z.string().nullish(),
});

/** Path and query of one page: the largest page there is, in an order that a new instance does not disturb. */
export const listPath = (token: string | undefined): string =>
  token === undefined ? firstPage : `${firstPage}&${new URLSearchParams({ after_token: token }).toString()}`;

const firstPage = `/api/v1/instances/?${new URLSearchParams({
  limit: '25',
  order_by: JSON.stringify([{ col: 'id', dir: 'asc' }]),
}).toString()}`;

/**
 * Reads every page through `fetchPage`. A list proves an absence only when it is complete: HTTP 200 with
 * `success:true`, `instances` an array of readable rows, every page read, as many rows as `total_instances`. Throws
 * VAST_LIST_UNKNOWN for anything else, VAST_KEY_REFUSED for a refused key.
 */
export async function wholeList(fetchPage: (path: string) => Promise<VastAnswer>): Promise<InstanceList> {
  const instances = new Map<number, Instance>();
  const tokens = new Set<string>();
  let token: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const { rows, total, next } = readPage(await fetchPage(listPath(token)));
    for (const instance of rows) instances.set(instance.instanceId, instance);
    if (next === undefined) return complete([...instances.values()], total);
    if (tokens.has(next)) throw unknownList('a page token came twice');
    tokens.add(next);
    token = next;
  }
  throw unknownList(`more than ${pagesMax} pages`);
}

interface Page {
  readonly rows: readonly Instance[];
  readonly total: number;
  readonly next: string | undefined;
}

function readPage(answer: VastAnswer): Page {
  if (isKeyRefusal(answer)) demandOk(answer);
  if (answer.status !== 200) throw unknownList(answer.summary);
  const page = pageSchema.safeParse(answer.value);
  if (!page.success)
    throw unknownList(`${answer.summary}: ${page.error.issues[0]?.path.join('.') || 'no list'}`);
  const { instances, total_instances: total, next_token: next } = page.data;
  if (total === null) throw unknownList(`${answer.summary}: total_instances`);
  const rows = instances.map(readInstance);
  const readable = rows.filter((row) => row !== undefined);
  if (readable.length !== rows.length) throw unknownList(`${answer.summary}: a row without an id`);
  return { rows: readable, total, next: next ? next : undefined };
}

function complete(instances: readonly Instance[], totalInstances: number): InstanceList {
  if (instances.length !== totalInstances) {
    throw unknownList(`${instances.length} rows where total_instances says ${totalInstances}`);
  }
  return { instances, totalInstances };
}

const unknownList = (why: string): HybridError =>
  new HybridError({ code: 'VAST_LIST_UNKNOWN', message: `the instance list proves nothing: ${why}` });
