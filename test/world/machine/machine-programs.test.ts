import { describe, expect, test } from 'vitest';
import { mergedMlnodeBooks } from '../../../src/world/machine/machine-mlnode-books.ts';
import { nvidiaSmi } from '../../../src/world/machine/nvidia-smi.ts';
import { onstartOutline } from '../../../src/world/machine/onstart-outline.ts';
import { uvicornArguments } from '../../../src/world/machine/uvicorn-arguments.ts';

const gpus = [{ name: 'RTX 4090', ramMb: 24_564 }];

describe('nvidia-smi', () => {
  test('prints units and a header unless told otherwise', () => {
    expect(nvidiaSmi(gpus, false, ['--query-gpu=index,memory.total', '--format=csv']).stdout).toBe(
      'index, memory.total [MiB]\n0, 24564 MiB\n',
    );
    expect(nvidiaSmi(gpus, false, ['-L']).stdout).toMatch(/^GPU 0: NVIDIA GeForce RTX 4090 \(UUID: GPU-/);
  });
  test('refuses what the real one refuses', () => {
    expect(nvidiaSmi(gpus, false, ['--query-gpu=colour', '--format=csv'])).toMatchObject({ exitCode: 2 });
    expect(nvidiaSmi(gpus, false, ['--query-gpu=name']).stdout).toContain('"--format=" switch is missing');
    expect(nvidiaSmi(gpus, true, ['-L'])).toMatchObject({ exitCode: 9 });
  });
});

describe('a uvicorn command line', () => {
  test.each([
    [['api.app:app', '--host=127.0.0.1', '--port=18080'], { host: '127.0.0.1', port: 18_080 }],
    [
      ['--no-access-log', 'api.app:app', '--host', '0.0.0.0', '--port', '8080'],
      { host: '0.0.0.0', port: 8080 },
    ],
    [['api.app:app'], { host: '127.0.0.1', port: 8000 }],
    [['--port=18080'], undefined],
    [['api.app:app', '--port=many'], undefined],
  ])('%j', (args, expected) => {
    expect(uvicornArguments(args)).toEqual(expected);
  });
});

test('an onstart text is outlined with its variables filled in', () => {
  const text = 'HOST=127.0.0.1\nnohup uvicorn api.app:app --host="$HOST" --port=${MLNODE_PORT} >log 2>&1 &';
  expect(onstartOutline(text, { MLNODE_PORT: '18080' })).toEqual({
    server: { host: '127.0.0.1', port: 18_080 },
    selfDestroy: undefined,
  });
  expect(onstartOutline('echo nothing', {})).toEqual({ server: undefined, selfDestroy: undefined });
});

test('books of a restarted server are added up, nonces as sets', () => {
  const account = (nonces: number[], callbacks: object[]) => ({
    alive: false,
    state: 'POW',
    pocs: [
      { blockHeight: 9, modelLoads: 1, nonces, noncesComputed: nonces.length, postedNonces: [], callbacks },
    ],
  });
  const merged = mergedMlnodeBooks([account([1, 2], [{ hash: 'a' }]), account([2, 3], [{ hash: 'b' }])]);
  expect(merged).toMatchObject({
    starts: 2,
    pocs: [
      {
        blockHeight: 9,
        modelLoads: 2,
        nonces: [1, 2, 3],
        noncesComputed: 3,
        callbacks: [{ hash: 'a' }, { hash: 'b' }],
      },
    ],
  });
});
