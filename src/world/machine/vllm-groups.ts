import type { Gpu } from './gpu-groups.ts';

/** The GPUs of each vLLM: as many back ends as tensor and pipeline parallelism leave room for. */
export function vllmGroups(gpus: readonly Gpu[], args: readonly string[]): readonly (readonly Gpu[])[] {
  const size =
    countOf(args, ['--tensor-parallel-size', '-tp']) * countOf(args, ['--pipeline-parallel-size', '-pp']);
  return Array.from({ length: Math.floor(gpus.length / size) }, (_, at) =>
    gpus.slice(at * size, (at + 1) * size),
  );
}

/**
 * Nonces of PoC v2 a minute: published figures for one GPU (docs/reference/protocol.md "Published throughput"); A100
 * and H100 PCIe by their weights on chain; others by their memory, which is an assumption.
 */
export function vllmNoncesPerMinute({ name, ramMb }: Gpu): number {
  if (/B200|B300/i.test(name)) return 992;
  if (/H200/i.test(name)) return 352;
  if (/H100/i.test(name)) return /SXM|HBM3/i.test(name) ? 312 : 154;
  if (/A100/i.test(name)) return ramMb > 60 * 1024 ? 136 : 18;
  return 1.7 * (ramMb / 1024);
}

/** `--name n` or `--name=n`; 1 when it is absent or no number. */
function countOf(args: readonly string[], names: readonly string[]): number {
  for (const [at, arg] of args.entries()) {
    const [name = '', value = args[at + 1]] = arg.split('=', 2);
    const count = Number(value);
    if (names.includes(name) && Number.isInteger(count) && count > 0) return count;
  }
  return 1;
}
