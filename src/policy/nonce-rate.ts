/**
 * Valid nonces a minute of one GPU group of PoC v1 (docs/reference/protocol.md "Published throughput"); the first name
 * that the offer's contains counts.
 */
const published: readonly (readonly [name: string, perMinute: number])[] = [
  ['B200', 51],
  ['H200', 35],
  ['H100 PCIE', 21],
  ['H100 NVL', 25],
  ['H100', 29],
  ['A100', 14],
];
/** Cards without a published figure: by memory, as an A100 of 80 GB has it. */
const perMinutePerGb = 0.2;
/** GPUs of one group hold 38 GB together (docs/reference/protocol.md "GPU groups"). */
const groupRamMb = 38_000;
/** The published figure counts as so many own PoCs. */
const priorWeight = 2;

/** What a machine is, as far as nonces are concerned. */
export interface NonceMachine {
  readonly gpuName: string;
  readonly gpuCount: number;
  /** Of one GPU. */
  readonly gpuRamMb: number;
}

/** What one machine delivered in one PoC. */
export interface NonceRecord extends NonceMachine {
  readonly nonces: number;
  readonly minutes: number;
}

/** Records that count: the latest of the kind. */
const recordsMax = 50;

/** Expected valid nonces an hour of a machine: the published figure, replaced by what machines of that kind delivered. */
export function noncesPerHour(machine: NonceMachine, records: readonly NonceRecord[]): number {
  const own = records.filter(({ gpuName }) => gpuName === machine.gpuName).slice(-recordsMax);
  let [delivered, expected] = [priorWeight, priorWeight];
  for (const record of own) {
    const usual = perMinute(record) * record.minutes;
    if (usual <= 0) continue;
    delivered += record.nonces / usual;
    expected += 1;
  }
  return 60 * perMinute(machine) * (delivered / expected);
}

/** Consecutive GPUs in groups of 1, 2, 4 or 8 that hold enough memory; what is left over does nothing. */
function perMinute({ gpuName, gpuCount, gpuRamMb }: NonceMachine): number {
  const size = [1, 2, 4, 8].find((count) => count * gpuRamMb >= groupRamMb);
  if (size === undefined) return 0;
  const name = gpuName.toUpperCase();
  const known = published.find(([part]) => name.includes(part));
  const perGroup = known === undefined ? (perMinutePerGb * size * gpuRamMb) / 1_000 : known[1];
  return Math.floor(gpuCount / size) * perGroup;
}
