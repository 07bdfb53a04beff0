import type { Area, Setting } from './setting.ts';

/** Names of earlier automations that are read no more. A settings file may still carry them. */
export const formerSettings: readonly Setting[] = [
  deprecated(
    'PROXY_HEALTH_PATH',
    'Node and listeners',
    'One daemon watches itself; the health paths are fixed.',
  ),
  deprecated('GONKA_API_RETRIES', 'Gonka', 'Every source is asked in turn.', 'GONKA_NETWORK_NODE_URL'),
  deprecated('MLNODE_API_SEGMENT', 'Rented machine', 'Rented machines are not registered.', 'POC_SEGMENT'),
  deprecated('MLNODE_POC_SEGMENT', 'Rented machine', 'Rented machines are not registered.', 'POC_SEGMENT'),
  deprecated(
    'MLNODE_INFERENCE_SEGMENT',
    'Rented machine',
    'Rented machines are not registered.',
    'INFERENCE_SEGMENT',
  ),
  deprecated(
    'MLNODE_INFERENCE_PORT',
    'Rented machine',
    'One port serves both, behind the tunnel.',
    'MLNODE_PORT',
  ),
  deprecated('MLNODE_POC_PORT', 'Rented machine', 'One port serves both, behind the tunnel.', 'MLNODE_PORT'),
  deprecated('MLNODE_POC_MODEL', 'Rented machine', 'PoC parameters come with each call of the Network Node.'),
  deprecated('VLLM_VERSION', 'Rented machine', 'The image decides.', 'DOCKER_IMAGE'),
  deprecated('VLLM_PORT', 'Rented machine', 'One port serves both, behind the tunnel.', 'MLNODE_PORT'),
  deprecated('VLLM_LOG_PATH', 'Rented machine', 'Logs on the machine have fixed places, in ~/.ghm.'),
  deprecated('VLLM_STARTUP_LOG_PATH', 'Rented machine', 'Logs on the machine have fixed places, in ~/.ghm.'),
  deprecated(
    'VLLM_PID_PATH',
    'Rented machine',
    'Process numbers on the machine have fixed places, in ~/.ghm.',
  ),
  deprecated(
    'VLLM_HEALTH_ENDPOINT',
    'Rented machine',
    'vLLM answers at /health; the former default was no route of it.',
  ),
  deprecated('VLLM_MODELS_ENDPOINT', 'Rented machine', 'vLLM answers at /v1/models.'),
  deprecated(
    'VLLM_MODEL_DOWNLOAD_TIMEOUT',
    'Rented machine',
    'One limit covers download and start of the model.',
    'MODEL_LOAD_TIMEOUT',
  ),
  {
    ...deprecated('HF_HOME', 'Rented machine', 'Set it in the start text.', 'VASTAI_ONSTART_SCRIPT'),
    filesOnly: true,
  },
  deprecated('VASTAI_SEARCH_RETRIES', 'Vast.ai', 'The search goes on until the PoC can no longer be met.'),
  deprecated('VASTAI_SEARCH_INTERVAL', 'Vast.ai', 'The pace follows the time that is left.'),
  deprecated(
    'POC_EXECUTION_TIMEOUT',
    'Rental and money',
    'Phases come from chain heights.',
    'MAX_POC_DURATION',
  ),
  deprecated(
    'POC_SPRINT_RETRIES',
    'Rental and money',
    'Machines are retried, not sprints.',
    'VASTAI_START_RETRIES',
  ),
  deprecated('POC_TEST_ESTIMATED_MINUTES', 'Rental and money', 'The sandbox replaces the live test.'),
  deprecated(
    'MAX_TEST_COST_USD',
    'Rental and money',
    'The sandbox replaces the live test.',
    'MAX_EPOCH_SPEND',
  ),
  ...routing(),
];

function deprecated(name: string, area: Area, describe: string, successor?: string): Setting {
  const row: Setting = { name, area, state: 'deprecated', describe };
  return successor === undefined ? row : { ...row, successor };
}

function routing(): readonly Setting[] {
  const reason =
    'An ML node never sees transfer or executor headers: the Network Node sends a plain request, and routing on them would misdirect every one.';
  return [
    'ENABLE_TRANSFER_ROUTING',
    'EXECUTOR_BASE_URL',
    'EXECUTOR_INFERENCE_PATH',
    'TRANSFER_ADDRESS',
    'REQUESTER_ADDRESS',
    'REQUIRE_TRANSFER_SIGNATURE',
  ].map((name) => ({ name, area: 'Inference', state: 'refused', describe: reason }));
}
