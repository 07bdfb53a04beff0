import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { ownerOf } from '../../src/cli/instances.ts';
import { capturedIo } from './captured-io.ts';
import { model, type OperatorTown, operatorTown } from './operator-town.ts';

let town: OperatorTown;
beforeEach(async () => {
  town = await operatorTown();
});
afterEach(() => town.close());

async function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = capturedIo({ env: town.env, cwd: town.dir });
  const code = await dispatch(words, io);
  return { code, out: io.out(), err: io.err() };
}

/** As an earlier tool left it. */
async function register(id: string, host: string, port: number): Promise<void> {
  const body = {
    id,
    host,
    inference_port: port,
    poc_port: port,
    max_concurrent: 100,
    models: { [model]: { args: [] } },
    hardware: [],
  };
  const answer = await fetch(`${town.url('networkNode')}/admin/v1/nodes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

describe('nodes', () => {
  it('lists registrations, and says which are remnants of earlier tools', async () => {
    await register('vastai-mlnode-123', 'ssh4.vast.ai', 8080);
    const { code, out } = await run('nodes');
    expect(code).toBe(0);
    expect(out).toMatch(/^vastai-mlnode-123 .*is a rented GPU of an earlier tool$/m);
    const json = await run('nodes', 'list', '--json');
    expect(JSON.parse(json.out)).toMatchObject({ ours: 'hybrid-mlnode-1', nodes: [{ nodeNum: 1 }] });
  });

  it('checks whether ours is there, and tells remnants at our own address', async () => {
    await register('hyperbolic-proxy-1', '127.0.0.1', Number(town.env['HYPERBOLIC_PROXY_PORT']));
    const { code, out } = await run('nodes', 'check', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      isListed: false,
      stale: [{ id: 'hyperbolic-proxy-1', why: 'stands at our address under another id' }],
    });
  });

  it('cleans remnants after a yes and nothing else, and never ours', async () => {
    await register('vastai-mlnode-123', 'ssh4.vast.ai', 8080);
    await register('another-host', '10.0.0.9', 8080);
    const unasked = await run('nodes', 'clean');
    expect(unasked.code).toBe(2);
    expect(unasked.err).toContain('This removes vastai-mlnode-123');
    expect(unasked.err).toContain('--yes');
    const { code, out } = await run('nodes', 'clean', '--yes', '--json');
    expect([code, JSON.parse(out)]).toEqual([0, { removed: ['vastai-mlnode-123'] }]);
    expect((await run('nodes')).out).toContain('another-host');
    expect((await run('nodes', 'clean', 'another-host', '--yes')).code).toBe(0);
    const own = await run('nodes', 'clean', 'hybrid-mlnode-1', '--yes');
    expect([own.code, own.err]).toEqual([2, expect.stringContaining('would miss the next PoC')]);
    expect((await run('nodes', 'clean', 'nobody', '--yes')).err).toContain('no node is called nobody');
  });

  it('registers nothing that the Network Node could not reach', async () => {
    const { code, err } = await run('nodes', 'register', '--yes');
    expect([code, err]).toEqual([1, expect.stringContaining('REGISTRATION_UNREACHABLE')]);
    expect((await run('nodes', '--json')).out).toContain('"nodes":[]');
  });

  it('knows its four words', async () => {
    expect((await run('nodes', 'delete')).err).toContain('"delete" is none of list, check, register, clean');
    expect((await run('nodes', 'check', 'surplus')).err).toContain('unexpected word "surplus"');
  });
});

describe('instances', () => {
  it('asks the provider, and marks ours by their label', async () => {
    const { code, out } = await run('instances', '--json');
    expect([code, JSON.parse(out)]).toEqual([0, { deploymentId: 'operator-town', instances: [] }]);
    expect((await run('instances', '--ours')).out).toBe('no instances\n');
  });

  it.each([
    ['ghm:mine:01J:1', 'ours'],
    ['ghm:mine-rehearsal:01J:1', 'ours (rehearsal)'],
    ['ghm:mine2:01J:1', 'another deployment'],
    ['gonka-poc-sprint', 'foreign'],
    [null, 'foreign'],
  ])('the label %s is %s', (label, owner) => {
    expect(ownerOf(label, 'mine')).toBe(owner);
  });

  it('waits when the provider asks for a pause', async () => {
    const both = await Promise.all([run('instances', '--json'), run('instances', '--json')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
  });
});

describe('models', () => {
  it('lists what the inference APIs serve, the presented one marked', async () => {
    const { code, out } = await run('models');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^${model} .*presented$`, 'm'));
    const { presented, models } = JSON.parse((await run('models', '--json')).out) as {
      presented: string;
      models: { id: string }[];
    };
    expect(presented).toBe(model);
    expect(models.length).toBeGreaterThan(1);
  });

  it('fails when nobody answers, and says who', async () => {
    await town.end('upstream');
    const { code, err } = await run('models');
    expect([code, err]).toEqual([1, expect.stringContaining('hyperbolic: UPSTREAM_UNREACHABLE')]);
  });
});

describe('chat', () => {
  /** The sandbox's API wants a key, which the gateway would add: a stand-in adds it. */
  async function chat(words: readonly string[], stdin?: string) {
    const server = createServer((request, reply) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const answer = await fetch(`${town.url('upstream')}${request.url}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: 'Bearer upstream-canary' },
          body: Buffer.concat(chunks),
        });
        reply.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
        reply.end(Buffer.from(await answer.arrayBuffer()));
      })();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const io = capturedIo({ env: town.env, cwd: town.dir, ...(stdin === undefined ? {} : { stdin }) });
    const code = await dispatch(['chat', '--url', url, ...words], io);
    server.close();
    return { code, out: io.out(), err: io.err() };
  }

  it('prints the answer of the model, streamed and whole', async () => {
    const streamed = await chat(['hello', '--max-tokens', '8']);
    expect(streamed.code).toBe(0);
    expect(streamed.out.trim().length).toBeGreaterThan(0);
    const whole = await chat(['hello', '--max-tokens', '8', '--no-stream']);
    expect(whole.out.trim().length).toBeGreaterThan(0);
    const json = await chat(['hello', '--json']);
    expect(JSON.parse(json.out)).toHaveProperty('choices');
  });

  it('takes the prompt from stdin, and needs one', async () => {
    expect((await chat([], 'what is a nonce?\n')).code).toBe(0);
    const none = await chat([], '');
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('there is no prompt')]);
  });

  it('says what the node answered when it refuses', async () => {
    const { code, err } = await chat(['hello', '--model', 'org/unknown']);
    expect([code, err]).toEqual([1, expect.stringMatching(/DAEMON_BAD_ANSWER.* answered 4\d\d/)]);
    const away = await run('chat', 'hello');
    expect(away.err).toContain('DAEMON_NOT_RUNNING');
  });
});
