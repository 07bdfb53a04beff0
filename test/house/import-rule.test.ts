import { describe, expect, it } from 'vitest';
import { type ImportEdge, importsOf, sourceFiles, textOf } from './source-files.ts';

/**
 * What each room may import (docs/architecture.md "Import rule"). A path stands for itself and all below it.
 * `types`: only by `import type`.
 */
interface Room {
  readonly values: readonly string[];
  readonly types?: readonly string[];
  /** npm packages; absent = any. Node's own modules are always free, unless `node` is false. */
  readonly packages?: readonly string[];
  readonly node?: false;
}

const rooms: Readonly<Record<string, Room>> = {
  policy: { values: ['units.ts'], packages: [], node: false },
  machines: { values: ['policy', 'units.ts'], types: ['errors.ts'], packages: ['xstate'], node: false },
  runtime: {
    values: ['errors.ts', 'units.ts', 'duration-histogram.ts'],
    types: ['machines'],
    packages: ['xstate', 'ulid', 'zod'],
  },
  alerts: { values: ['units.ts'], types: ['errors.ts', 'runtime'], packages: [], node: false },
  metrics: { values: ['duration-histogram.ts', 'units.ts'], packages: ['prom-client'] },
  world: { values: [], packages: [] },
  adapters: { values: ['errors.ts', 'units.ts', 'secret.ts'], types: ['config', 'world', 'alerts'] },
  server: {
    values: ['errors.ts', 'units.ts', 'secret.ts', 'limited-call.ts', 'alerts'],
    types: ['adapters', 'runtime', 'machines', 'config'],
  },
  sandbox: { values: ['world', 'figures'] },
  /** What is made of the neighbours' books, for sandbox and simulation alike. */
  figures: { values: [], packages: [], node: false },
  conformance: { values: ['errors.ts', 'adapters/transport.ts'], packages: ['zod'] },
  config: { values: ['errors.ts', 'units.ts', 'secret.ts'], packages: ['dotenv', 'zod'] },
};

/** Places where the rule is narrower or wider for one file, with the reason. */
const exceptions: readonly { readonly from: RegExp; readonly to: RegExp; readonly reason: string }[] = [
  {
    from: /^src\/machines\/not-wired\.ts$/,
    to: /^src\/errors\.ts$/,
    reason: 'what an actor that was not given throws; it never runs in a wired chart',
  },
  {
    from: /^src\/adapters\/([\w-]+\/simulated|world-transport)\.ts$/,
    to: /^src\/world\//,
    reason: 'the simulated form is a skin over the world',
  },
];

const roomOf = (path: string): string => path.split('/')[1] ?? '';

function isAllowed(edge: ImportEdge): boolean {
  const room = rooms[roomOf(edge.from)];
  if (room === undefined) return true;
  if (!edge.isOurs) return isAllowedPackage(edge, room);
  if (roomOf(edge.to) === roomOf(edge.from)) return true;
  if (exceptions.some((exception) => exception.from.test(edge.from) && exception.to.test(edge.to)))
    return true;
  const allowed = edge.isType ? [...room.values, ...(room.types ?? [])] : room.values;
  const target = edge.to.replace(/^src\//, '');
  return allowed.some((path) => target === path || target.startsWith(`${path}/`));
}

function isAllowedPackage(edge: ImportEdge, room: Room): boolean {
  if (edge.to.startsWith('node:')) return room.node !== false;
  return (
    room.packages === undefined ||
    room.packages.some((name) => edge.to === name || edge.to.startsWith(`${name}/`))
  );
}

const sources = await sourceFiles('src');
const everything = await sourceFiles('src', 'test', 'bench', 'docs');

describe('the import rule', () => {
  it('reads imports of every form', () => {
    const edges = importsOf('src/cli/status.ts');
    expect(edges).toContainEqual({
      from: 'src/cli/status.ts',
      to: 'src/cli/arguments.ts',
      isOurs: true,
      isType: false,
    });
    expect(edges).toContainEqual({
      from: 'src/cli/status.ts',
      to: 'src/cli/command.ts',
      isOurs: true,
      isType: true,
    });
    expect(importsOf('src/cli/commands.ts').map((edge) => edge.to)).toContain('src/cli/status.ts');
    expect(importsOf('src/config/schema.ts').map((edge) => edge.to)).toContain('zod');
  });

  it.each([
    ['src/policy/x.ts', 'src/errors.ts', true],
    ['src/machines/x.ts', 'src/errors.ts', false],
    ['src/server/x.ts', 'src/adapters/vast/http.ts', false],
    ['src/world/x.ts', 'src/units.ts', true],
    ['src/adapters/vast/http.ts', 'src/world/vast/vast-world.ts', false],
    ['src/sandbox/x.ts', 'src/wiring/daemon.ts', true],
  ])('would notice %s importing %s', (from, to, isType) => {
    expect(isAllowed({ from, to, isOurs: true, isType })).toBe(false);
  });

  it.each(Object.keys(rooms))('is kept by %s', (room) => {
    const files = sources.filter((path) => roomOf(path) === room);
    expect(files.length).toBeGreaterThan(0);
    const broken = files.flatMap((path) => importsOf(path).filter((edge) => !isAllowed(edge)));
    expect(broken.map((edge) => `${edge.from} imports ${edge.to}`)).toEqual([]);
  });

  it('lets nobody but the command line start a simulation', () => {
    const starters = sources
      .filter((path) => roomOf(path) !== 'simulation')
      .filter((path) => importsOf(path).some((edge) => edge.to.startsWith('src/simulation/')));
    expect(starters.filter((path) => roomOf(path) !== 'cli')).toEqual([]);
  });

  it('lets nobody but src/config read the environment', () => {
    const readers = sources.filter((path) => /\bprocess\s*\.\s*env\b|\bprocess\['env'\]/.test(textOf(path)));
    expect(readers.filter((path) => !path.startsWith('src/config/'))).toEqual([]);
  });
});

describe('a file', () => {
  it('has at most 300 lines', () => {
    const long = everything.filter((path) => textOf(path).split('\n').length > 301);
    expect(long).toEqual([]);
  });

  it('is named by a noun of its own, in kebab-case', () => {
    const vague = /^(utils?|helpers?|common|misc|shared|stuff|types|lib)(\.test)?\.ts$/;
    const names = everything.map((path) => path.split('/').at(-1) ?? '');
    expect(names.filter((name) => vague.test(name))).toEqual([]);
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/.test(name))).toEqual([]);
  });

  it('has no test that is skipped for good, alone or without a body', () => {
    const tests = everything.filter((path) => path.endsWith('.test.ts'));
    const marked = tests.filter((path) => /\b(it|test|describe)\.(only|todo|skip)\(/.test(textOf(path)));
    expect(marked).toEqual([]);
  });
});
