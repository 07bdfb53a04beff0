import { z } from 'zod';
import { HybridError } from '../../errors.ts';
import { readCharges } from './charges.ts';
import { wholeList } from './instance-list.ts';
import type { CreateRequest, Vast } from './interface.ts';
import { offersOf, searchBody } from './offer-search.ts';
import { demandOk, isKeyRefusal, reachable } from './refusal-reading.ts';
import { shownInstance } from './instance-show.ts';
import { rentalBody, rentedInstance } from './rental-request.ts';
import { VastLine, type VastAnswer, type VastLineOptions } from './vast-line.ts';
import { wireNumber, wireText } from './wire-number.ts';

/** Limits in real milliseconds. A create takes up to half a minute by itself. */
const callTimeoutMs = 30_000;
const createTimeoutMs = 60_000;

/** Vast.ai over its HTTP API. Source: docs/reference/vast.md. */
export function createHttpVast(options: VastLineOptions): Vast {
  const line = new VastLine(options);
  return {
    account: async (signal) =>
      accountOf(await reachable(signal, line.call({ ...get('/api/v0/users/current/'), signal }))),
    ensureSshKey: (publicKey, signal) => ensureSshKey(line, publicKey, signal),
    search: async (needs, signal) => {
      const body = searchBody(needs);
      const call = line.call({
        lane: 'search',
        method: 'POST',
        path: '/api/v0/bundles/',
        body,
        timeoutMs: callTimeoutMs,
        signal,
      });
      const answer = await reachable(signal, call);
      demandOk(answer);
      return offersOf(answer, needs);
    },
    create: (request, signal) => create(line, request, signal),
    list: (signal) =>
      wholeList((path) => reachable(signal, line.call({ ...get(path), lane: 'list', signal }))),
    show: async (instanceId, signal) => {
      const call = line.call({ ...get(`/api/v0/instances/${instanceId}/`), lane: 'show', signal });
      return shownInstance(await reachable(signal, call));
    },
    destroy: (instanceId, signal) => destroy(line, instanceId, signal),
    charges: (range, signal) =>
      readCharges(range, (path) => reachable(signal, line.call({ ...get(path), signal }))),
  };
}

const get = (path: string) => ({ lane: 'account', method: 'GET', path, timeoutMs: callTimeoutMs }) as const;

const accountSchema = z.object({ email: wireText, credit: wireNumber, balance: wireNumber });

function accountOf(answer: VastAnswer): { email: string; creditUsd: number } {
  demandOk(answer);
  const account = accountSchema.safeParse(answer.value);
  const creditUsd = account.data?.credit ?? account.data?.balance ?? null;
  if (creditUsd === null)
    throw new HybridError({ code: 'VAST_BAD_ANSWER', message: `${answer.summary}: no credit` });
  return { email: account.data?.email ?? '', creditUsd };
}

/**
 * Whether the account has that public key already; adds nothing.
 * Throws VAST_KEY_REFUSED, VAST_UNREACHABLE, VAST_BAD_ANSWER.
 */
export const knowsSshKey = (
  options: VastLineOptions,
  publicKey: string,
  signal: AbortSignal,
): Promise<boolean> => hasSshKey(new VastLine(options), publicKey, signal);

/** 404 stands for "no keys yet", unless it is a refused key. */
async function hasSshKey(line: VastLine, publicKey: string, signal: AbortSignal): Promise<boolean> {
  const known = await reachable(signal, line.call({ ...get('/api/v0/ssh/'), signal }));
  if (known.status !== 404 || isKeyRefusal(known)) demandOk(known);
  const wanted = keyMaterial(publicKey);
  return listedKeys(known.value).some((key) => keyMaterial(key) === wanted);
}

/** Adding a key that is there is a success. */
async function ensureSshKey(line: VastLine, publicKey: string, signal: AbortSignal): Promise<void> {
  if (await hasSshKey(line, publicKey, signal)) return;
  const body = { ssh_key: publicKey.trim() };
  const call = line.call({
    lane: 'account',
    method: 'POST',
    path: '/api/v0/ssh/',
    body,
    timeoutMs: callTimeoutMs,
    signal,
  });
  const added = await reachable(signal, call);
  if (/already|duplicate/.test(added.text) && added.status < 500) return;
  demandOk(added);
}

const keysSchema = z.array(z.looseObject({ public_key: wireText }));

function listedKeys(value: unknown): string[] {
  const list = Array.isArray(value) ? value : (value as { ssh_keys?: unknown } | null | undefined)?.ssh_keys;
  return keysSchema.safeParse(list).data?.flatMap((key) => key.public_key ?? []) ?? [];
}

/** Type and base64 of an `authorized_keys` line, without its comment. */
const keyMaterial = (line: string): string => line.trim().split(/\s+/).slice(0, 2).join(' ');

/** Not idempotent: sent once. What happened after it left and before it was answered is unknown. */
async function create(
  line: VastLine,
  request: CreateRequest,
  signal: AbortSignal,
): Promise<{ instanceId: number }> {
  const body = rentalBody(request);
  const path = `/api/v0/asks/${request.offerId}/`;
  try {
    const answer = await line.call({
      lane: 'create',
      method: 'PUT',
      path,
      body,
      timeoutMs: createTimeoutMs,
      signal,
    });
    return { instanceId: rentedInstance(answer) };
  } catch (error) {
    if (!(error instanceof HybridError) || !error.code.startsWith('WIRE_')) throw error;
    const code = error.code === 'WIRE_REFUSED' ? 'VAST_UNREACHABLE' : 'VAST_CREATE_UNKNOWN';
    throw new HybridError({ code, message: error.message }, { cause: error });
  }
}

/** 404 is a success by its text only: a refused key and a wrong base URL are 404 too. */
async function destroy(
  line: VastLine,
  instanceId: number,
  signal: AbortSignal,
): Promise<'accepted' | 'no_such_instance'> {
  const path = `/api/v0/instances/${instanceId}/`;
  const call = line.call({
    lane: 'destroy',
    method: 'DELETE',
    path,
    body: {},
    timeoutMs: callTimeoutMs,
    signal,
  });
  const answer = await reachable(signal, call);
  if (
    !isKeyRefusal(answer) &&
    answer.status < 500 &&
    /no_such_instance|not_found|not found/.test(answer.text)
  ) {
    return 'no_such_instance';
  }
  demandOk(answer);
  return 'accepted';
}
