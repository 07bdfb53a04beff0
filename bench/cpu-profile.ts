/** The parts of V8's `.cpuprofile` that are read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  /** Microseconds before the sample of the same index. */
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  /** Function, file and line. */
  readonly place: string;
  /** 0…1 of the time that was not idle. */
  readonly share: number;
}

/**
 * Time spent in each function itself, longest first. `skipMs` leaves out the begin, in which modules are loaded and
 * nothing is warm.
 */
export function selfTimes(profile: CpuProfile, skipMs = 0): SelfTime[] {
  const places = new Map(profile.nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const times = new Map<string, number>();
  let passedUs = 0;
  for (const [index, id] of profile.samples.entries()) {
    const tookUs = profile.timeDeltas[index] ?? 0;
    passedUs += tookUs;
    if (passedUs <= skipMs * 1_000) continue;
    const place = places.get(id) ?? '';
    times.set(place, (times.get(place) ?? 0) + tookUs);
  }
  times.delete('(idle)');
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times]
    .map(([place, time]) => ({ place, share: time / total }))
    .toSorted((a, b) => b.share - a.share);
}

/** The same by owner: a package, a module of Node, a file of ours, or V8 and the kernel. */
export function selfTimesByOwner(times: readonly SelfTime[]): SelfTime[] {
  const owners = new Map<string, number>();
  for (const { place, share } of times) {
    const file = / (\S+):\d+$/.exec(place)?.[1];
    const owner = file === undefined ? place : ownerOf(file);
    owners.set(owner, (owners.get(owner) ?? 0) + share);
  }
  return [...owners].map(([place, share]) => ({ place, share })).toSorted((a, b) => b.share - a.share);
}

const ownerOf = (file: string): string =>
  file.startsWith('src/') || file.startsWith('node:') ? file : (/^(@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? file);

function placeOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const file = url.replace(/^.*\/(?=node_modules\/|src\/|bench\/)/, '').replace('node_modules/', '');
  return `${name} ${file}:${lineNumber + 1}`;
}
