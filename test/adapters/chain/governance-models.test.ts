import { describe, expect, it } from 'vitest';
import { createGovernanceModels } from '../../../src/adapters/chain/governance-models.ts';
import type { WireRequest, WireResponse } from '../../../src/adapters/transport.ts';
import { HybridError } from '../../../src/errors.ts';

type Said = Partial<WireResponse> | HybridError;

/** Asks sources that say these things, each the next one. */
async function listed(says: readonly Said[], urls = ['http://one', 'http://two/v1/']) {
  const asked: WireRequest[] = [];
  const ending = new AbortController();
  const governance = createGovernanceModels({
    urls,
    timeoutMs: 1_234,
    transport: (request) => {
      asked.push(request);
      const said = says[asked.length - 1] ?? new HybridError({ code: 'WIRE_REFUSED', message: 'nobody' });
      if (said instanceof HybridError) {
        if (said.code === 'ABORTED') ending.abort();
        return Promise.reject(said);
      }
      return Promise.resolve({ status: 200, headers: {}, body: '{}', ...said });
    },
  });
  const models = await governance(ending.signal).catch((error: unknown) => error);
  return { models, urls: asked.map(({ url }) => url), asked };
}

const body = (...models: readonly object[]): Said => ({ body: JSON.stringify({ models }) });
const unknownSizes = { repo: null, commit: null, args: [], vramGb: null };

describe('what governance lists of models', () => {
  it('is read whole: where the weights lie, arguments in their order, memory as number or text', async () => {
    const args = ['--tensor-parallel-size', '4', '--enforce-eager'];
    const { models, urls, asked } = await listed([
      body(
        { id: 'org/a', hf_repo: 'mirror/a', hf_commit: 'abc', model_args: args, v_ram: 320, units: '7' },
        { id: 'org/b', model_args: args, v_ram: '80' },
      ),
    ]);
    expect(models).toEqual([
      { id: 'org/a', repo: 'mirror/a', commit: 'abc', args, vramGb: 320 },
      { id: 'org/b', repo: null, commit: null, args, vramGb: 80 },
    ]);
    expect(urls).toEqual(['http://one/v1/governance/models']);
    expect(asked[0]).toMatchObject({ method: 'GET', timeoutMs: 1_234 });
  });

  it('says nothing where it says zero, an empty text or nothing at all', async () => {
    const { models } = await listed([
      body(
        { id: 'org/a', hf_repo: '', hf_commit: '', v_ram: 0 },
        { id: 'org/b', model_args: null, v_ram: null },
      ),
    ]);
    expect(models).toEqual([
      { id: 'org/a', ...unknownSizes },
      { id: 'org/b', ...unknownSizes },
    ]);
  });

  it('may be nothing: a chain without models leaves the list out', async () => {
    expect((await listed([{ body: '{}' }])).models).toEqual([]);
    expect((await listed([{ body: '{"models":null}' }])).models).toEqual([]);
  });

  it.each<[string, Said]>([
    ['cannot be reached', new HybridError({ code: 'WIRE_TIMEOUT', message: 'late' })],
    ['answers 404', { status: 404 }],
    ['answers HTML', { body: '<html>' }],
    ['lists models without ids', body({ hf_repo: 'x' })],
    ['gives arguments that are no list', body({ id: 'org/a', model_args: '--x' })],
    ['gives a memory that is no number', body({ id: 'org/a', v_ram: 'much' })],
  ])('is asked of the next source when one %s', async (_name, said) => {
    const { models, urls } = await listed([said, body({ id: 'org/b' })]);
    expect(models).toEqual([{ id: 'org/b', ...unknownSizes }]);
    expect(urls).toEqual(['http://one/v1/governance/models', 'http://two/v1/governance/models']);
  });

  it('fails with what the last source said, by its host', async () => {
    const { models } = await listed([{ status: 500 }, { status: 404 }]);
    expect(models).toMatchObject({ code: 'CHAIN_BAD_ANSWER' });
    expect((models as HybridError).message).toBe('two, governance models: status 404');
    expect((await listed([], [])).models).toMatchObject({ code: 'CHAIN_UNREACHABLE' });
  });

  it('is asked of nobody else once it is not wanted any more', async () => {
    const { models, urls } = await listed([new HybridError({ code: 'ABORTED', message: 'enough' })]);
    expect([(models as HybridError).code, urls.length]).toEqual(['ABORTED', 1]);
  });
});
