import {
  answered,
  answering,
  asked,
  type Breach,
  fields,
  first,
  instead,
  neverAgain,
  posting,
  second,
  status,
} from './mutation-tools.ts';

const state = 'GET /api/v1/state';
const powStatus = 'GET /api/v1/pow/status';
const generate = 'POST /api/v1/pow/init/generate';
const validate = 'POST /api/v1/pow/init/validate';
const generated = /\/v1\/poc-batches\/generated$/;
const validated = /\/v1\/poc-batches\/validated$/;
const unnamed = instead(422, { detail: [{ loc: ['body'], msg: 'no', type: 'no' }] });
const pow = (phase: string, isLoaded: boolean) => ({ status: phase, is_model_initialized: isLoaded });
const idle = instead(200, pow('IDLE', true));

/** How each rule of PoC v1 is broken, and no other. */
export const powBreaches: Readonly<Record<string, () => Breach>> = {
  'MLN-070': () => answering({ call: powStatus, after: 'POST /api/v1/stop', nth: first }, idle),
  'MLN-071': () => answering({ call: 'POST /api/v1/pow/phase/validate', when: answered(400) }, status(200)),
  'MLN-072': () =>
    answering({ call: 'POST /api/v1/pow/stop', when: answered(200, 'not running') }, status(400)),
  'MLN-073': () =>
    answering(
      {
        call: generate,
        when: asked((body) => body['block_hash'] === undefined && body['node_id'] !== undefined),
      },
      unnamed,
    ),
  'MLN-074': () =>
    answering(
      { call: generate, when: ({ body }) => !body.endsWith('}') },
      instead(400, { detail: 'no JSON' }),
    ),
  'MLN-075': () =>
    answering({ call: generate, when: asked((body) => body['node_id'] === undefined) }, status(422)),
  'MLN-076': () => answering({ call: 'POST /api/v1/pow/validate', when: answered(422) }, status(400)),
  'MLN-080': () =>
    answering({ call: generate, when: answered(200), nth: first }, fields({ pow_status: undefined })),
  'MLN-081': () =>
    answering(
      { call: powStatus, after: generate, when: answered(200, 'GENERATING'), nth: first },
      fields({ status: 'LOADING' }),
    ),
  'MLN-082': () =>
    answering({ call: state, when: answered(200, 'POW'), nth: first }, fields({ state: 'STOPPED' })),
  'MLN-083': () => ({
    mutation: answering(
      { call: 'GET /health', port: 'inference', after: 'GET /api/v1/pow/status', nth: first },
      () => ({ status: 200, body: '' }),
    ).mutation,
  }),
  'MLN-086': () => ({
    ...answering(
      { call: powStatus, when: answered(200, 'GENERATING') },
      fields({ is_model_initialized: false }),
    ),
    options: { waitMs: 500 },
  }),
  'MLN-087': () =>
    answering(
      { call: generate, when: answered(200), nth: second },
      fields({ pow_status: pow('GENERATING', false) }),
    ),
  'MLN-090': () =>
    posting(
      generated,
      (body) => body,
      (url) => url.replace('/generated', '//generated'),
    ),
  'MLN-091': () => posting(generated, ({ dist, ...body }) => ({ ...body, distances: dist })),
  'MLN-092': () =>
    posting(generated, (body) => ({ ...body, block_height: Number(body['block_height']) + 1 })),
  'MLN-093': () =>
    posting(generated, ({ nonces, ...body }) => ({
      ...body,
      nonces: (nonces as number[]).map((nonce) => nonce + 1),
    })),
  'MLN-094': () =>
    posting(generated, ({ dist, ...body }) => ({ ...body, dist: (dist as number[]).map(() => 1.5) })),
  'MLN-095': () => neverAgain(generated),
  'MLN-100': () => answering({ call: validate }, fields({ pow_status: pow('GENERATING', true) })),
  'MLN-101': () =>
    answering({ call: powStatus, after: validate, nth: first }, fields({ status: 'GENERATING' })),
  'MLN-102': () =>
    answering({ call: 'POST /api/v1/pow/validate', when: answered(200) }, instead(200, { status: 'OK' })),
  'MLN-103': () => posting(validated, (body) => ({ ...body, probability_honest: undefined })),
  'MLN-104': () => posting(validated, (body) => ({ ...body, public_key: 'ff' })),
  'MLN-105': () => posting(validated, (body) => ({ ...body, fraud_detected: true })),
  'MLN-106': () =>
    answering(
      { call: 'POST /api/v1/pow/phase/generate', when: answered(200) },
      fields({ pow_status: undefined }),
    ),
  'MLN-110': () =>
    answering(
      { call: 'POST /api/v1/pow/stop', when: answered(200, 'NOT_LOADED') },
      fields({ pow_status: 'stopped' }),
    ),
  'MLN-111': () =>
    answering({ call: 'POST /api/v1/pow/init' }, fields({ pow_status: pow('GENERATING', false) })),
  'MLN-112': () =>
    answering(
      { call: powStatus, after: 'POST /api/v1/pow/init', when: answered(200, 'NOT_LOADED'), nth: first },
      idle,
    ),
};
