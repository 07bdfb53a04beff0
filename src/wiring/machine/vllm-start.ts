import type { Config } from '../../config/config.ts';
import { HybridError } from '../../errors.ts';
import { vllmArguments } from '../../policy/vllm-arguments.ts';
import { startFault } from './machine-log.ts';
import type { ModelStartOptions } from './model-start.ts';

/** On the daemon's clock. */
const lookPauseMs = 5_000;
const progressPauseMs = 60_000;
/** Of one command on the machine, real milliseconds. */
const commandTimeoutMs = 30_000;
/** One that ended and that nobody has collected is no process any more: not every container has an init that does. */
const runs =
  '{ p=$(cat "$HOME/.ghm/vllm.pid" 2>/dev/null) && kill -0 "$p" 2>/dev/null && ! grep -q "^State:[[:space:]]*Z" "/proc/$p/status" 2>/dev/null; }';
const alive = `if ${runs}; then echo alive; else echo dead; fi`;

/**
 * Starts a plain vLLM on a machine over SSH, bound to loopback, and waits until it serves its model. One that runs
 * already is kept. Throws MODEL_OUT_OF_MEMORY, MODEL_DOWNLOAD_FAILED, MODEL_START_FAILED, SSH_LOST.
 */
export async function startVllm(
  options: ModelStartOptions & { readonly config: Config },
  { leaseId, model, gpuCount }: { leaseId: string; model: string; gpuCount: number },
  signal: AbortSignal,
): Promise<void> {
  const { room, clock, config } = options;
  const run = (command: string) => room.exec(leaseId, command, commandTimeoutMs, signal);
  const capabilities = await run('nvidia-smi --query-gpu=compute_cap --format=csv,noheader');
  const gpus = { count: gpuCount, computeCapability: lowest(capabilities.stdout) };
  const started = await run(startScript(config, vllmArguments(settingsOf(config, model), gpus)));
  if (started.exitCode !== 0)
    throw new HybridError({
      code: 'MODEL_START_FAILED',
      message: `vLLM was not started (exit ${started.exitCode}): ${started.stderr.slice(0, 300)}`,
    });
  const beganAt = clock.now();
  let toldAt = -Infinity;
  for (;;) {
    await clock.sleep(lookPauseMs, signal);
    const served = await room
      .mlnode(leaseId)
      .servedModels(signal)
      .catch((error: unknown): readonly string[] => {
        if (signal.aborted) throw error;
        return [];
      });
    if (served.includes(model)) return;
    if ((await run(alive)).stdout.trim() !== 'alive')
      throw await startFault(
        room,
        leaseId,
        { log: 'vllm', said: 'vLLM ended before it served its model' },
        signal,
      );
    if (clock.now() - toldAt < progressPauseMs) continue;
    toldAt = clock.now();
    const elapsedSeconds = Math.round((toldAt - beganAt) / 1_000);
    options.onProgress(leaseId, { step: 'starting', elapsedSeconds });
  }
}

/** POSIX shell; idempotent. Every argument is quoted. */
export function startScript({ mlnodePort }: Pick<Config, 'mlnodePort'>, args: readonly string[]): string {
  const quoted = args.map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`).join(' ');
  return `umask 077
mkdir -p "$HOME/.ghm"
if ${runs}; then exit 0; fi
command -v python3 >/dev/null || { echo 'no python3 in the image' >&2; exit 1; }
# Prompts reach a rented machine only as requests: its request log is off.
VLLM_LOGGING_LEVEL=WARNING; export VLLM_LOGGING_LEVEL
nohup python3 -m vllm.entrypoints.openai.api_server --host 127.0.0.1 --port ${mlnodePort} ${quoted} >"$HOME/.ghm/vllm.log" 2>&1 </dev/null &
echo $! >"$HOME/.ghm/vllm.pid"
`;
}

const settingsOf = ({ machineModel }: Config, model: string) => ({
  model,
  quantization: machineModel.quantization,
  gpuMemoryUtilization: machineModel.gpuMemoryUtilization,
  extraArgs: machineModel.vllmArgs,
  ...(machineModel.maxModelLen === undefined ? {} : { maxModelLen: machineModel.maxModelLen }),
  ...(machineModel.maxNumSeqs === undefined ? {} : { maxNumSeqs: machineModel.maxNumSeqs }),
});

/** One line a GPU. A driver too old for the question prints words: then it is unknown. */
function lowest(stdout: string): number | null {
  const found = stdout.split('\n').flatMap((line) => {
    const value = /^\s*(\d+\.\d+)\s*$/.exec(line)?.[1];
    return value === undefined ? [] : [Number(value)];
  });
  return found.length > 0 ? Math.min(...found) : null;
}
