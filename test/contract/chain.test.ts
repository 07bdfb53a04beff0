import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createChain } from '../../src/adapters/chain/index.ts';
import type { Chain } from '../../src/adapters/chain/interface.ts';
import { serveChain } from '../../src/sandbox/chain.ts';
import { unixMs } from '../../src/units.ts';
import { ChainWorld } from '../../src/world/chain/chain-world.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { createChainOfSources } from '../../src/wiring/chain/chain-of-sources.ts';
import { answered, request } from '../world/network-node/network-node-bench.ts';

/** The same chain in one of its forms; `chain` is the daemon's adapter in front of it. */
interface Form {
  readonly chain: Chain;
  get(path: string): Promise<{ status: number; body: string }>;
  fault(name: string, value: number): Promise<void>;
  close(): Promise<void>;
}

const pocStart = 2_089_140;
const seenAt = unixMs(1_760_000_000_000);
const signal = AbortSignal.timeout(60_000);
const bothOf = (first: Chain, second: Chain): Chain =>
  createChainOfSources({
    now: () => seenAt,
    sources: [
      { name: 'first', chain: first },
      { name: 'second', chain: second },
    ],
  });
/** Blocks so slow that none comes during a test: the suite is about answers at one height. */
const chainOptions = {
  seed: 7,
  startHeight: pocStart + 70,
  firstPocStartHeight: pocStart,
  epochIndex: 134,
  blockTimeMs: 3_600_000,
  accounts: { gonka1own: { pubkey: 'A1', balance: 5 } },
};
type Shape = { answerShape: 'flat' | 'nested' };

async function inWorld(shape: Shape): Promise<Form> {
  const clock = new VirtualClock(seenAt);
  const world = new ChainWorld({ ...chainOptions, ...shape, clock });
  return {
    chain: createChain({ world, clock, now: () => seenAt }),
    get: async (path) => answered(await world.handle(request('GET', path))),
    fault: async (name, value) => world.faults.set(name, value),
    close: async () => world.close(),
  };
}

async function inSandbox(shape: Shape): Promise<Form> {
  const served = await serveChain({ ...chainOptions, ...shape, port: 0, speed: 1, originMs: Date.now() });
  const baseUrl = `http://127.0.0.1:${served.port}`;
  return {
    chain: createChain({ baseUrl, timeoutMs: 2_000, now: () => seenAt }),
    get: async (path) => {
      const response = await fetch(`${baseUrl}${path}`, { signal });
      return { status: response.status, body: await response.text() };
    },
    fault: async (name, value) => {
      await fetch(`${baseUrl}/sandbox/faults`, {
        method: 'POST',
        body: JSON.stringify({ name, value }),
        signal,
      });
    },
    close: () => served.close(),
  };
}

const stages = (epochIndex: number, start: number): Record<string, number> => ({
  epochIndex,
  pocStartHeight: start,
  pocGenerationWindDownHeight: start + 48,
  pocGenerationEndHeight: start + 60,
  pocValidationStartHeight: start + 65,
  pocValidationWindDownHeight: start + 161,
  pocValidationEndHeight: start + 185,
  setNewValidatorsHeight: start + 305,
  nextPocStartHeight: start + 600,
  exchangeStartHeight: start + 1,
  exchangeEndHeight: start + 65,
});

describe.each([
  ['world', 'flat', inWorld],
  ['world', 'nested', inWorld],
  ['sandbox', 'flat', inSandbox],
  ['sandbox', 'nested', inSandbox],
] as const)('the chain in the %s, %s answers', (_name, answerShape, create) => {
  let form: Form;
  beforeEach(async () => {
    form = await create({ answerShape });
  });
  afterEach(() => form.close());

  it('answers under both spellings of the path', async () => {
    const plain = await form.get('/v1/epochs/latest');
    expect(plain.status).toBe(200);
    expect(await form.get('/api/v1/epochs/latest')).toEqual(plain);
    expect(JSON.parse(plain.body)).toMatchObject({
      block_height: pocStart + 70,
      latest_epoch: { index: 135, poc_start_block_height: pocStart },
      phase: 'PoCValidate',
    });
  });

  it('leaves zero-valued parameters out, and writes them as strings only in the nested shape', async () => {
    const { epoch_params: params } = JSON.parse((await form.get('/v1/epochs/latest')).body) as {
      epoch_params: Record<string, unknown>;
    };
    const fields = answerShape === 'flat' ? params : (params['epoch_params'] as Record<string, unknown>);
    expect(fields['epoch_length']).toBe(answerShape === 'flat' ? 600 : '600');
    expect(fields).not.toHaveProperty('confirmation_poc_safety_window');
  });

  it('knows only the latest epoch, accounts and its own health', async () => {
    expect(await form.get('/v1/epochs/134')).toEqual({
      status: 400,
      body: '{"error":"Only getting info for current epoch is supported at the moment"}',
    });
    expect(await form.get('/v1/status')).toEqual({ status: 200, body: '{"status":"ok"}' });
    expect((await form.get('/v1/participants/gonka1own')).body).toBe(
      '{"pubkey":"A1","balance":5,"denom":"ngonka"}',
    );
    expect((await form.get('/v1/participants/gonka1other')).status).toBe(404);
  });

  it('is read by the adapter as one head, whatever the shape', async () => {
    expect(await form.chain.head(signal)).toEqual({
      height: pocStart + 70,
      seenAt,
      phase: 'PoCValidate',
      latestEpochIndex: 135,
      current: stages(135, pocStart),
      next: stages(136, pocStart + 600),
      epochLength: 600,
      isConfirmationPocActive: false,
      confirmation: null,
    });
  });

  it('tells the adapter which accounts there are', async () => {
    expect(await form.chain.knowsAccount('gonka1own', signal)).toBe(true);
    expect(await form.chain.knowsAccount('gonka1other', signal)).toBe(false);
    expect(await form.chain.knowsAccount('../epochs/latest', signal)).toBe(false);
  });

  it.each([
    ['html', 'CHAIN_BAD_ANSWER'],
    ['error500', 'CHAIN_BAD_ANSWER'],
    ['unreachable', 'CHAIN_UNREACHABLE'],
  ])('says nothing about accounts as %s: %s', async (fault, code) => {
    await form.fault(fault, 1);
    await expect(form.chain.knowsAccount('gonka1own', signal)).rejects.toMatchObject({ code });
    await expect(form.chain.knowsAccount('gonka1other', signal)).rejects.toMatchObject({ code });
  });

  it('lacks an account only when no source that answers has it', async () => {
    const other = await create({ answerShape: 'flat' });
    const both = bothOf(form.chain, other.chain);
    await form.fault('html', 1);
    expect(await both.knowsAccount('gonka1own', signal)).toBe(true);
    expect(await both.knowsAccount('gonka1other', signal)).toBe(false);
    await other.fault('unreachable', 1);
    await expect(both.knowsAccount('gonka1other', signal)).rejects.toMatchObject({
      code: 'CHAIN_BAD_ANSWER',
    });
    await other.close();
  });

  it('never shows a height from before its start when it lags', async () => {
    await form.fault('lag', 10);
    expect((await form.chain.head(signal)).height).toBe(pocStart + 70);
  });

  it.each([
    ['html', 'CHAIN_BAD_ANSWER', /HTML/],
    ['error500', 'CHAIN_BAD_ANSWER', /500/],
    ['unreachable', 'CHAIN_UNREACHABLE', /epochs\/latest/],
  ])('fails as %s with %s, naming the source', async (fault, code, message) => {
    await form.fault(fault, 1);
    const failure = form.chain.head(signal);
    await expect(failure).rejects.toMatchObject({
      code,
      class: 'retryable',
      message: expect.stringMatching(message),
    });
    await expect(failure).rejects.toThrow(/127\.0\.0\.1:\d+|chain\.world/);
    await form.fault(fault, 0);
    expect((await form.chain.head(signal)).latestEpochIndex).toBe(135);
  });

  it('is abandoned when the caller no longer wants it', async () => {
    await expect(form.chain.head(AbortSignal.abort())).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('gives way to another source while it fails', async () => {
    const other = await create({ answerShape: 'flat' });
    const both = bothOf(form.chain, other.chain);
    await both.head(signal);
    await form.fault('html', 1);
    expect((await both.head(signal)).latestEpochIndex).toBe(135);
    expect(both.sources?.().map(({ standing }) => standing)).toEqual(['unreachable', 'following']);
    await other.fault('unreachable', 1);
    await expect(both.head(signal)).rejects.toMatchObject({ code: 'CHAIN_BAD_ANSWER' });
    await other.close();
  });
});

describe('the sandbox chain', () => {
  it('streams the latest block first and then every new one', async () => {
    const served = await serveChain({ seed: 7, port: 0, speed: 200, originMs: Date.now() });
    const response = await fetch(`http://127.0.0.1:${served.port}/sandbox/blocks`, { signal });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const heights: number[] = [];
    let text = '';
    for await (const piece of response.body ?? []) {
      text += Buffer.from(piece as Uint8Array).toString('utf8');
      heights.splice(0, heights.length, ...heightsIn(text));
      if (heights.length >= 4) break;
    }
    expect(heights.slice(0, 4)).toEqual([2_089_000, 2_089_001, 2_089_002, 2_089_003]);
    expect(text).toMatch(/"hash":"[0-9A-F]{64}"/);
    await served.close();
  });
});

function heightsIn(text: string): number[] {
  const whole = text.split('\n\n').slice(0, -1);
  return whole.map((event) => (JSON.parse(event.slice('data: '.length)) as { height: number }).height);
}
