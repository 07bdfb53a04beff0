type Account = Readonly<Record<string, unknown>>;

/**
 * The books of all server processes that one machine ran, as one: accounts of the same PoC height are added up
 * (nonces as sets, since a restarted process may compute some again).
 */
export function mergedMlnodeBooks(all: readonly Account[]): Record<string, unknown> {
  const byHeight = new Map<unknown, Account>();
  for (const books of all) {
    for (const account of list(books['pocs'])) {
      const height = account['blockHeight'];
      const known = byHeight.get(height);
      byHeight.set(height, known ? sum(known, account) : account);
    }
  }
  const last = all.at(-1);
  return {
    starts: all.length,
    alive: last?.['alive'] ?? false,
    state: last?.['state'] ?? null,
    pocs: [...byHeight.values()],
  };
}

function sum(a: Account, b: Account): Account {
  const merged: Record<string, unknown> = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const before = a[name];
    if (name === 'blockHeight') continue;
    if (typeof value === 'number' && typeof before === 'number') merged[name] = before + value;
    else if (Array.isArray(value) && Array.isArray(before))
      merged[name] = [...new Set([...before, ...value])];
    else merged[name] = value;
  }
  merged['noncesComputed'] = list(merged['nonces']).length;
  merged['noncesPosted'] = list(merged['postedNonces']).length;
  return merged;
}

function list(value: unknown): readonly Account[] {
  return Array.isArray(value) ? value : [];
}
