import { type ErrorCode, HybridError } from '../../errors.ts';
import type { MachineFacts } from '../../machines/lease-context.ts';
import { cudaOfImage, isCudaFit } from '../../policy/image-needs.ts';
import type { CallbackProbe } from '../poc/callback-probe.ts';
import type { MachineRoom } from './machine-room.ts';

/** Of one command on the machine, real milliseconds. */
const commandTimeoutMs = 20_000;
/** Certificates are young and tokens short: beyond this, downloads begin to fail. */
const clockSkewSecondsMax = 600;
/** The driver keeps a little for itself, and states mebibytes. */
const memoryShare = 0.97;
const mebibyte = 1.048_576;
/** One command, because each costs a way there and back. The exit code is that of the last. */
const questions =
  'date +%s; nvidia-smi; nvidia-smi --query-gpu=name,memory.total --format=csv,noheader,nounits';

export interface QualificationOptions {
  /** What the machine runs. */
  readonly image: string;
  readonly room: Pick<MachineRoom, 'exec' | 'mlnode'>;
  readonly probe: CallbackProbe;
  /** Of all GPUs together, MB: what the work on this machine needs. */
  gpuTotalRamMbMin(): number;
  /** Wall-clock Unix milliseconds. @default Date.now */
  readonly now?: () => number;
}

export interface Candidate {
  readonly leaseId: string;
  readonly gpuCount: number;
  readonly callbackPort: number;
  /** Null when its work needs none. */
  readonly model: string | null;
  /** Whether the machine has to compute PoC v2. */
  readonly isPocV2: boolean;
}

/**
 * Looks whether a machine can do its work before anybody counts on it. Throws the terminal fault that speaks against
 * it; a plan's memory of machines reads its code.
 */
export async function qualify(
  options: QualificationOptions,
  candidate: Candidate,
  signal: AbortSignal,
): Promise<MachineFacts> {
  const { leaseId, callbackPort, model } = candidate;
  const [hardware, callbackPath] = await Promise.all([
    inspectHardware(options, candidate, signal),
    options.probe.prove(leaseId, callbackPort, signal),
    model === null ? null : checkModel(options, candidate, model, signal),
  ]);
  return { ...hardware, callbackPath };
}

/** The part that needs no server: looked at before weights are fetched too, which takes many minutes. Throws as above. */
export async function inspectHardware(
  options: Omit<QualificationOptions, 'probe'>,
  { leaseId, gpuCount }: Pick<Candidate, 'leaseId' | 'gpuCount'>,
  signal: AbortSignal,
): Promise<Omit<MachineFacts, 'callbackPath'>> {
  const now = options.now ?? Date.now;
  const askedAt = now();
  const seen = await options.room.exec(leaseId, questions, commandTimeoutMs, signal);
  const gpus = gpusOf(seen, gpuCount);
  checkMemory(gpus, options.gpuTotalRamMbMin());
  const driver = driverOf(seen.stdout);
  checkCuda(driver.cudaVersion, options.image);
  return { gpus, ...driver, clockSkewSeconds: clockSkew(seen.stdout, askedAt, now()) };
}

function gpusOf(seen: { exitCode: number; stdout: string }, wanted: number): readonly string[] {
  const gpus = seen.stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^[^,|]+,\s*\d+$/.test(line));
  if (seen.exitCode !== 0 || gpus.length < wanted)
    throw unfit(
      'MACHINE_NO_GPU',
      `nvidia-smi shows ${gpus.length} of ${wanted} GPUs (exit ${seen.exitCode})`,
    );
  return gpus;
}

function checkMemory(gpus: readonly string[], neededMb: number): void {
  const totalMb = gpus.reduce((sum, line) => sum + Number(/(\d+)$/.exec(line)?.[1] ?? 0), 0) * mebibyte;
  if (totalMb < neededMb * memoryShare)
    throw unfit(
      'MACHINE_GPU_TOO_SMALL',
      `the GPUs hold ${Math.round(totalMb / 1000)} GB, the work needs ${Math.round(neededMb / 1000)} GB`,
    );
}

/** `nvidia-smi` without arguments states the highest CUDA version that its driver runs. */
function driverOf(summary: string): {
  readonly cudaVersion: number | null;
  readonly driverVersion: string | null;
} {
  const cuda = /CUDA Version:\s*(\d+\.\d+)/.exec(summary)?.[1];
  return {
    cudaVersion: cuda === undefined ? null : Number(cuda),
    driverVersion: /Driver Version:\s*([\d.]+)/.exec(summary)?.[1] ?? null,
  };
}

function checkCuda(cudaVersion: number | null, image: string): void {
  const needed = cudaOfImage(image);
  if (!isCudaFit(cudaVersion, needed))
    throw unfit(
      'MACHINE_CUDA_UNFIT',
      `the driver runs CUDA up to ${cudaVersion}, the image is built for ${needed}`,
    );
}

/** Null when the machine does not say. */
function clockSkew(stdout: string, askedAt: number, answeredAt: number): number | null {
  const told = /^(\d{9,11})\s*$/m.exec(stdout)?.[1];
  if (told === undefined) return null;
  const skew = Math.round(Number(told) - (askedAt + answeredAt) / 2_000);
  if (Math.abs(skew) > clockSkewSecondsMax)
    throw unfit('MACHINE_CLOCK_WRONG', `the clock of the machine is ${skew} s off`);
  return skew;
}

async function checkModel(
  { room }: QualificationOptions,
  { leaseId, isPocV2 }: Candidate,
  model: string,
  signal: AbortSignal,
): Promise<void> {
  const mlnode = room.mlnode(leaseId);
  const served = await mlnode.servedModels(signal);
  if (!served.includes(model))
    throw unfit('MODEL_NOT_SERVED', `the machine serves ${served.join(', ') || 'nothing'}, not ${model}`);
  if (!isPocV2) return;
  const status = await mlnode.pocV2Status(signal);
  if (status === null) throw unfit('POC_V2_UNSUPPORTED', 'the image answers no /api/v1/inference/pow/status');
  if (status.status === 'NO_BACKENDS')
    throw unfit('MODEL_NOT_SERVED', 'the model is up, and no vLLM of the machine computes PoC');
}

const unfit = (code: ErrorCode, message: string): HybridError => new HybridError({ code, message });
