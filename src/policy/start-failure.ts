/** Words of PyTorch, CUDA, NCCL and vLLM for a model that does not fit. */
const outOfMemory =
  /out of memory|OutOfMemoryError|CUDA_ERROR_OUT_OF_MEMORY|cudaErrorMemoryAllocation|No available memory for the cache blocks|larger than the maximum number of tokens that can be stored in KV cache|KV cache is needed, which is larger than the available|Free memory on device .* is less than desired/i;
const download =
  /HfHubHTTPError|RepositoryNotFoundError|GatedRepoError|LocalEntryNotFoundError|No space left on device|429 Client Error|MaxRetryError.*huggingface/i;

export type StartFailure = 'MODEL_OUT_OF_MEMORY' | 'MODEL_DOWNLOAD_FAILED' | 'MODEL_START_FAILED';

/** Why a model did not come up, from the end of its log. */
export function startFailure(log: string): StartFailure {
  if (outOfMemory.test(log)) return 'MODEL_OUT_OF_MEMORY';
  return download.test(log) ? 'MODEL_DOWNLOAD_FAILED' : 'MODEL_START_FAILED';
}

/** The telling end of a log: its last lines with an error, else its last lines; fits a message. */
export function logEnd(log: string, charsMax = 600): string {
  const lines = log
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const telling = lines.filter((line) => /error|exception|killed|failed|out of memory/i.test(line));
  return (telling.length > 0 ? telling : lines).slice(-4).join(' | ').slice(-charsMax);
}
