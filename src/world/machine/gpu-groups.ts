export interface Gpu {
  /** As Vast.ai and NVML name it, for example `H100 SXM` or `NVIDIA H100 80GB HBM3`. */
  readonly name: string;
  readonly ramMb: number;
}

/** GPUs that hold one copy of the PoC model together (docs/reference/protocol.md "GPU groups and VRAM"). */
export interface GpuGroup {
  readonly gpus: readonly Gpu[];
  readonly ramMb: number;
}

const sizes = [1, 2, 4, 8];
/** 38 GB for mainnet parameters and for anything unknown. */
const minimumRamMb = 38 * 1024;

/** Consecutive GPUs in the smallest size of 1, 2, 4, 8 that reaches 38 GB; a GPU that fits nowhere is discarded. */
export function gpuGroups(gpus: readonly Gpu[]): readonly GpuGroup[] {
  const groups: GpuGroup[] = [];
  for (let start = 0; start < gpus.length; ) {
    const group = smallestGroup(gpus, start);
    if (group) groups.push(group);
    start += group?.gpus.length ?? 1;
  }
  return groups;
}

/**
 * Valid nonces a minute at mainnet parameters: medians observed on chain in epoch 158, weight / 2.5 over 65 blocks
 * (docs/reference/protocol.md "Published throughput"). Cards without a published figure: 0.2 a minute and GB of the
 * group, in line with the A100s; an assumption.
 */
export function validNoncesPerMinute(group: GpuGroup): number {
  const [first] = group.gpus;
  const known = first && group.gpus.length === 1 ? published(first) : undefined;
  return known ?? 0.2 * (group.ramMb / 1024);
}

function smallestGroup(gpus: readonly Gpu[], start: number): GpuGroup | undefined {
  for (const size of sizes) {
    const members = gpus.slice(start, start + size);
    const ramMb = members.reduce((sum, gpu) => sum + gpu.ramMb, 0);
    if (members.length === size && ramMb >= minimumRamMb) return { gpus: members, ramMb };
  }
  return undefined;
}

function published({ name, ramMb }: Gpu): number | undefined {
  if (/B200/i.test(name)) return 51;
  if (/H200/i.test(name)) return 35;
  if (/H100/i.test(name)) return /SXM|HBM3/i.test(name) ? 29 : 21;
  if (/A100/i.test(name)) return ramMb > 60 * 1024 ? 14 : 9;
  return undefined;
}
