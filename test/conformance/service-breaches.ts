import {
  answered,
  answering,
  asked,
  type Breach,
  fields,
  first,
  instead,
  second,
  status,
} from './mutation-tools.ts';

const state = 'GET /api/v1/state';
const stop = 'POST /api/v1/stop';
const up = 'POST /api/v1/inference/up';
const down = 'POST /api/v1/inference/down';

/** How each rule about stop, inference control and the one-service rule is broken, and no other. */
export const serviceBreaches: Readonly<Record<string, () => Breach>> = {
  'MLN-006': () => answering({ call: stop, nth: first }, instead(200, { status: 'ok' })),
  'MLN-007': () => answering({ call: state, after: stop, nth: first }, fields({ state: 'INFERENCE' })),
  'MLN-008': () => answering({ call: stop, nth: second }, status(409)),
  'MLN-051': () =>
    answering(
      { call: up, when: answered(422) },
      instead(422, { detail: [{ loc: ['body'], msg: 'no', type: 'no' }] }),
    ),
  'MLN-052': () =>
    answering({ call: up, when: answered(200) }, instead(200, { status: 'ERROR', message: 'no' })),
  'MLN-053': () =>
    answering(
      { call: 'GET /v1/models', port: 'inference', when: answered(200) },
      fields({ data: [{ id: 'org/other' }] }),
    ),
  'MLN-054': () =>
    answering(
      { call: 'GET /api/v1/inference/up/status', when: answered(200, 'completed') },
      fields({ is_running: false }),
    ),
  'MLN-055': () => answering({ call: up, when: answered(409, 'already running') }, status(500)),
  'MLN-056': () => answering({ call: down, nth: first }, instead(200, { status: 'DOWN' })),
  'MLN-057': () => answering({ call: state, after: down, nth: first }, fields({ state: 'INFERENCE' })),
  'MLN-058': () => answering({ call: down, nth: second }, status(500)),
  'MLN-062': () =>
    answering(
      { call: 'POST /api/v1/pow/init/generate', when: answered(409), nth: first },
      instead(400, { detail: 'busy' }),
    ),
  'MLN-063': () =>
    answering(
      { call: 'GET /api/v1/pow/status', when: answered(409) },
      instead(200, { status: 'NOT_LOADED' }),
    ),
  'MLN-084': () => answering({ call: up, when: answered(409, 'Cannot run') }, status(503)),
  'MLN-085': () =>
    answering(
      { call: 'GET /api/v1/inference/up/status', when: answered(409) },
      instead(200, { is_running: false }),
    ),
  'MLN-135': () =>
    answering(
      { call: 'POST /v1/chat/completions', when: asked(({ model }) => model !== undefined) },
      status(500),
    ),
};
