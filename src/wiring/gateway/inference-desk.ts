import type { Config, ModelTableRow } from '../../config/config.ts';
import type {
  Candidate,
  InferenceCaller,
  InferenceDesk,
  InferenceUsage,
} from '../../server/inference/desk.ts';
import type { KnownBackEnd } from './back-ends.ts';

export interface InferenceDeskOptions {
  readonly config: Pick<Config, 'model' | 'modelTable'>;
  readonly backEnds: readonly KnownBackEnd[];
  readonly account: (usage: InferenceUsage) => void;
}

/**
 * Chooses back ends by the model table (docs/reference/inference.md "Models"): the expected model and its other
 * spellings for everybody, other weights for direct clients only. The table is fixed; who serves is looked at for
 * each request, because models are retired while the daemon runs.
 */
export function createInferenceDesk({ config, backEnds, account }: InferenceDeskOptions): InferenceDesk {
  const same = new Map<string, readonly Candidate[]>([
    [config.model, backEnds.map(({ backEnd, model }) => ({ backEnd, model }))],
  ]);
  const other = new Map<string, readonly Candidate[]>();
  for (const row of config.modelTable) {
    const table = row.isSameWeights ? same : other;
    table.set(row.asked, [...(table.get(row.asked) ?? []), ...candidatesOf(row, backEnds, same)]);
  }
  const known = new Map(backEnds.map((each) => [each.backEnd, each]));
  const serves = ({ backEnd, model }: Candidate): boolean => known.get(backEnd)?.serves(model) ?? false;
  const rowsFor = (model: string, caller: InferenceCaller): readonly Candidate[] | undefined =>
    same.get(model) ?? (caller.kind === 'direct' ? other.get(model) : undefined);
  return {
    model: config.model,
    models: () => [...same.keys(), ...[...other].filter(([, list]) => list.some(serves)).map(([id]) => id)],
    candidates: (model, caller) => {
      const rows = rowsFor(model, caller);
      // Allocates nothing while everybody serves what the table says.
      return rows === undefined || rows.every(serves) ? rows : rows.filter(serves);
    },
    account,
  };
}

/** A row that names the expected model means it wherever it is served, under each back end's own id. */
function candidatesOf(
  row: ModelTableRow,
  backEnds: readonly KnownBackEnd[],
  same: ReadonlyMap<string, readonly Candidate[]>,
): readonly Candidate[] {
  const expected = row.backEnd === undefined ? same.get(row.served) : undefined;
  if (expected !== undefined) return expected;
  return backEnds
    .filter(({ backEnd }) => row.backEnd === undefined || backEnd.name === row.backEnd)
    .map(({ backEnd }) => ({ backEnd, model: row.served }));
}
