import {
  answered,
  answering,
  asked,
  type Breach,
  fields,
  first,
  instead,
  late,
  second,
  status,
} from './mutation-tools.ts';

const state = 'GET /api/v1/state';
const modelsStatus = 'POST /api/v1/models/status';
const isWhole = asked(({ hf_repo: repo }) => typeof repo === 'string');
/** Nine polls of a rule about time, after as many other calls as `others`. */
const polls = (others: number) => (count: number) => count > others && count <= others + 9;
const slow = late(220);

/** How each rule that only looks is broken, and no other. */
export const lookingBreaches: Readonly<Record<string, () => Breach>> = {
  'MLN-001': () =>
    answering({ call: state }, (answer) => fields({ state: undefined, status: 'STOPPED' })(answer)),
  'MLN-002': () => answering({ call: state, nth: polls(3) }, slow),
  'MLN-003': () => answering({ call: state }, fields({ version: 7 })),
  'MLN-004': () =>
    answering({ call: state, when: answered(200, 'STOPPED') }, fields({ inference_healthy: true })),
  'MLN-005': () => answering({ call: 'GET /api/v1/versions' }, fields({ vllm_version: undefined })),
  'MLN-010': () => answering({ call: 'GET /api/v1/no-such-path' }, instead(404, 'nothing')),
  'MLN-011': () => answering({ call: 'POST /api/v1/state' }, status(404)),
  'MLN-012': () =>
    answering(
      { call: modelsStatus, when: asked(({ hf_repo: repo }) => repo === 5) },
      instead(422, { detail: 'hf_repo' }),
    ),
  'MLN-013': () =>
    answering(
      { call: modelsStatus, when: ({ body }) => !body.endsWith('}') },
      instead(400, { detail: 'no JSON' }),
    ),
  'MLN-014': () =>
    answering(
      { call: modelsStatus, when: ({ headers }) => headers['content-type'] === undefined },
      status(422),
    ),
  'MLN-015': () => answering({ call: 'GET /v3.0.8/api/v1/state' }, instead(404, { detail: 'Not Found' })),
  'MLN-016': () => answering({ call: 'GET /v3.0.8/v1/models' }, instead(404, { detail: 'Not Found' })),
  'MLN-020': () => answering({ call: 'GET /livez' }, fields({ managers: undefined })),
  'MLN-021': () => answering({ call: 'GET /livez' }, fields({ service_state: 'POW' })),
  'MLN-022': () => answering({ call: 'GET /readyz' }, fields({ ready: 'yes' })),
  'MLN-030': () =>
    answering({ call: 'GET /health', port: 'inference', nth: second }, () => ({ status: 200, body: '' })),
  'MLN-031': () =>
    answering({ call: 'GET /health', port: 'inference', nth: (count) => count === 3 }, status(500)),
  'MLN-032': () => ({
    ...answering({ call: 'GET /v1/models', port: 'inference', nth: second }, fields({ data: [] })),
    found: 'INFERENCE',
  }),
  'MLN-033': () => ({
    ...answering({ call: state, when: answered(200, 'INFERENCE') }, fields({ loaded_model: 'org/other' })),
    found: 'INFERENCE',
  }),
  'MLN-034': () => answering({ call: 'GET /v1/models', port: 'inference', nth: polls(2) }, slow),
  'MLN-040': () => answering({ call: modelsStatus, when: isWhole }, fields({ status: 'PERHAPS' })),
  'MLN-041': () => answering({ call: 'GET /api/v1/models/list' }, fields({ models: {} })),
  'MLN-042': () => answering({ call: 'GET /api/v1/models/space' }, fields({ cache_path: undefined })),
  'MLN-043': () => answering({ call: 'GET /api/v1/gpu/devices' }, fields({ devices: [{ index: 0 }] })),
  'MLN-044': () => answering({ call: 'GET /api/v1/gpu/devices' }, fields({ count: 2 })),
  'MLN-045': () => answering({ call: 'GET /api/v1/gpu/driver' }, fields({ nvml_version: 12 })),
  'MLN-046': () => answering({ call: 'DELETE /api/v1/models' }, instead(200, { status: 'deleted' })),
  'MLN-050': () =>
    answering({ call: 'GET /api/v1/inference/up/status', nth: first }, fields({ is_starting: undefined })),
  'MLN-060': () => answering({ call: 'GET /api/v1/pow/status', nth: first }, fields({ status: 'OFF' })),
  'MLN-061': () => answering({ call: 'GET /api/v1/pow/status', nth: polls(1) }, slow),
  'MLN-120': () =>
    answering({ call: 'GET /api/v1/inference/pow/status', nth: first }, fields({ backends: undefined })),
  'MLN-121': () => answering({ call: 'GET /api/v1/inference/pow/status', nth: polls(1) }, slow),
  'MLN-122': () => answering({ call: 'GET /api/v1/inference/pow/generate/no-such-id' }, status(404)),
  'MLN-123': () =>
    answering({ call: /^GET .*\/generate\/5001:00000000-/ }, instead(200, { status: 'queued' })),
};
