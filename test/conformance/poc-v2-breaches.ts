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

const root = '/api/v1/inference/pow';
const init = `POST ${root}/init/generate`;
const generate = `POST ${root}/generate`;
const stop = `POST ${root}/stop`;
const v2Status = `GET ${root}/status`;
const generated = /\/v2\/poc-batches\/[^/]+\/generated$/;
const validated = /\/v2\/poc-batches\/[^/]+\/validated$/;
const unnamed = instead(422, { detail: [{ loc: ['body', 'params'], msg: 'no', type: 'no' }] });

/** How each rule of PoC v2 is broken, and no other. */
export const pocV2Breaches: Readonly<Record<string, () => Breach>> = {
  'MLN-124': () =>
    answering({ call: init, when: asked((body) => body['block_hash'] === undefined) }, status(400)),
  'MLN-125': () => answering({ call: init, when: answered(422, 'no_such_field') }, unnamed),
  'MLN-126': () => answering({ call: init, when: answered(502, 'mismatch') }, status(500)),
  'MLN-127': () => answering({ call: generate, when: answered(400) }, status(200)),
  'MLN-130': () => answering({ call: init, when: answered(200) }, fields({ results: [] })),
  'MLN-131': () =>
    answering({ call: v2Status, when: answered(200, 'GENERATING'), nth: first }, fields({ status: 'IDLE' })),
  'MLN-132': () =>
    answering(
      { call: v2Status, when: answered(200, 'GENERATING') },
      fields({ backends: [{ port: 5001, status: 'GENERATING', config: null }] }),
    ),
  'MLN-133': () =>
    answering(
      { call: 'GET /api/v1/state', when: answered(200, 'GENERATING'), nth: first },
      fields({ state: 'POW' }),
    ),
  'MLN-134': () => answering({ call: init, when: answered(502, 'Already') }, status(409)),
  'MLN-140': () =>
    posting(
      generated,
      (body) => body,
      (url) => url.replace('%252F', '%2F'),
    ),
  'MLN-141': () => posting(generated, (body) => ({ ...body, encoding: undefined })),
  'MLN-142': () => posting(generated, (body) => ({ ...body, node_id: Number(body['node_id']) + 1 })),
  'MLN-143': () =>
    posting(generated, ({ artifacts, ...body }) => ({
      ...body,
      artifacts: (artifacts as object[]).map((each, index, all) => (index === 1 ? all[0] : each)),
    })),
  'MLN-144': () => neverAgain(generated),
  'MLN-150': () => answering({ call: stop, nth: first }, instead(200, { status: 'stopped' })),
  'MLN-151': () => answering({ call: v2Status, after: stop, nth: first }, fields({ status: 'GENERATING' })),
  'MLN-152': () => answering({ call: stop, nth: second }, status(500)),
  'MLN-160': () =>
    answering({ call: generate, when: answered(200, 'queued') }, fields({ queued_count: undefined })),
  'MLN-161': () =>
    answering({ call: /^GET .*\/generate\/5001:/, when: answered(200) }, fields({ status: 'done' })),
  'MLN-162': () => posting(validated, (body) => ({ ...body, p_value: undefined })),
  'MLN-163': () => posting(validated, (body) => ({ ...body, n_mismatch: 1 })),
  'MLN-164': () => answering({ call: generate, when: answered(200, 'completed') }, fields({ artifacts: [] })),
};
