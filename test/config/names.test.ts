import { describe, expect, it } from 'vitest';
import { editDistance, nearestName, settingOf, settings, spellingsOf } from '../../src/config/names.ts';
import { schema, schemaNames } from '../../src/config/schema.ts';

/** Every name that the former automation read or advertised. */
const former =
  `HYPERBOLIC_API_KEY HYPERBOLIC_BASE_URL HYPERBOLIC_MODEL MLNODE_MODEL MODEL_NAME MLNODE_INFERENCE_MODEL
HYPERBOLIC_PROXY_PORT PROXY_PORT MLNODE_ID NODE_ID VPS_IP GONKA_ADMIN_API_URL GONKA_ADMIN_API GONKA_NETWORK_NODE_URL
GONKA_API_TIMEOUT GONKA_API_RETRIES GONKA_HOST_ADDRESS INFERENCE_SEGMENT POC_SEGMENT HARDWARE_TYPE HARDWARE_COUNT
PROXY_HEALTH_PATH ENABLE_TRANSFER_ROUTING EXECUTOR_BASE_URL EXECUTOR_INFERENCE_PATH INFERENCE_FORWARD_TIMEOUT
TRANSFER_ADDRESS REQUESTER_ADDRESS REQUIRE_TRANSFER_SIGNATURE VASTAI_API_KEY VASTAI_SSH_KEY_PATH VASTAI_TEMPLATE_ID
VASTAI_GPU_TYPE VASTAI_NUM_GPUS VASTAI_MIN_VRAM VASTAI_MIN_TOTAL_VRAM VASTAI_MAX_PRICE VASTAI_DISK_SIZE
VASTAI_INSTANCE_READY_TIMEOUT VASTAI_START_RETRIES VASTAI_SEARCH_RETRIES VASTAI_SEARCH_INTERVAL
VASTAI_SSH_READY_TIMEOUT VASTAI_SSH_AUTH_GRACE VASTAI_DOCKER_IMAGE DOCKER_IMAGE VASTAI_ONSTART_SCRIPT MLNODE_POC_MODEL
MLNODE_PORT MLNODE_API_SEGMENT MLNODE_INFERENCE_SEGMENT MLNODE_STARTUP_TIMEOUT POC_EXECUTION_TIMEOUT
MLNODE_INFERENCE_PORT MLNODE_POC_PORT MLNODE_POC_SEGMENT MLNODE_QUANTIZATION VLLM_STARTUP_TIMEOUT
VLLM_MODEL_DOWNLOAD_TIMEOUT VLLM_MAX_MODEL_LEN VLLM_GPU_MEMORY_UTIL VLLM_MAX_NUM_SEQS VLLM_VERSION VLLM_PORT
VLLM_LOG_PATH VLLM_STARTUP_LOG_PATH VLLM_PID_PATH VLLM_HEALTH_ENDPOINT VLLM_MODELS_ENDPOINT POC_PREP_TIME
POC_CHECK_INTERVAL MAX_POC_DURATION MAX_DAILY_SPEND POC_SPRINT_RETRIES ENABLE_ALERTS ALERT_EMAIL HF_HOME MAX_GPU_PRICE
MLNODE_DOCKER_IMAGE MLNODE_VLLM_ARGS`.split(/\s+/);

describe('the table of names', () => {
  it.each(former)('knows the former name %s', (name) => {
    expect(settingOf(name)).toBeDefined();
  });

  it('has each name once', () => {
    const names = settings.map((setting) => setting.name);
    expect(names).toEqual([...new Set(names)]);
  });

  it('has a schema for each honoured name that is no other spelling, and no schema without a name', () => {
    const own = settings.filter((row) => row.state === 'honoured' && row.aliasOf === undefined);
    const readTwice = ['HYPERBOLIC_MODEL'];
    expect([...schemaNames].toSorted()).toEqual([...own.map((row) => row.name), ...readTwice].toSorted());
  });

  it('has successors and other spellings that are honoured themselves', () => {
    for (const target of settings.flatMap((row) => [row.successor, row.aliasOf])) {
      if (target !== undefined) expect(settingOf(target)?.state).toBe('honoured');
    }
  });

  it('has defaults and examples that its own schema accepts', () => {
    for (const name of schemaNames) {
      const row = settingOf(name);
      for (const text of [row?.default, row?.example]) {
        if (text !== undefined)
          expect([name, schema.shape[name].safeParse(text).success]).toEqual([name, true]);
      }
    }
  });

  it('has no default that is somebody: no public IP, key or template', () => {
    for (const row of settings) {
      expect(row.default ?? '').not.toMatch(/\b(?!127\.|0\.0\.0\.0)\d{1,3}(\.\d{1,3}){3}\b/);
      if (row.secret || row.required !== undefined) expect(row).not.toHaveProperty('default');
    }
  });

  it('keeps the order of the other spellings', () => {
    expect(spellingsOf('MLNODE_INFERENCE_MODEL')).toEqual([
      'MLNODE_INFERENCE_MODEL',
      'HYPERBOLIC_MODEL',
      'MLNODE_MODEL',
      'MODEL_NAME',
    ]);
    expect(spellingsOf('DOCKER_IMAGE')).toEqual([
      'DOCKER_IMAGE',
      'VASTAI_DOCKER_IMAGE',
      'MLNODE_DOCKER_IMAGE',
    ]);
  });
});

describe('the guess at a mistyped name', () => {
  it('is the nearest known name within a few letters', () => {
    expect(nearestName('VSP_IP')).toBe('VPS_IP');
    expect(nearestName('HYPERBOLIC_PROXI_PORT')).toBe('HYPERBOLIC_PROXY_PORT');
    expect(nearestName('SOMETHING_ELSE')).toBeUndefined();
  });
  it('counts insertions, deletions and replacements', () => {
    expect([
      editDistance('', 'abc'),
      editDistance('kitten', 'sitting'),
      editDistance('same', 'same'),
    ]).toEqual([3, 3, 0]);
  });
});
