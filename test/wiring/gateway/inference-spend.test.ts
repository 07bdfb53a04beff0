import { expect, it, onTestFinished } from 'vitest';
import { RecordingHost } from '../../world/vast/recording-host.ts';
import { DaemonCase } from '../daemon-case.ts';
import { model } from '../small-town.ts';

const speed = 20;
const alice = { authorization: 'Bearer a-long-token-of-alice' };
const settings = {
  RENTAL_POLICY: 'off',
  REGISTRATION: 'off',
  UPSTREAM_PROBE: 'off',
  // Its plain answers state their usage; its streams do only when that was found out.
  HYPERBOLIC_STREAM: 'asAsked',
  GATEWAY_TOKENS: 'alice:a-long-token-of-alice',
  MAX_DAILY_INFERENCE_SPEND: '0.000001',
};

interface State {
  readonly money: { readonly inference: Readonly<Record<string, unknown>> };
  readonly upstream: { readonly limits: Readonly<Record<string, unknown>> };
  readonly alerts: readonly { readonly code: string }[];
}

it('a daemon stops callers with a token at the cap, over a restart, and goes on for the Network Node', async () => {
  const daemons = await DaemonCase.build({ speed, host: new RecordingHost(), settings });
  onTestFinished(() => daemons.close());
  let { inferenceUrl, inspectionUrl } = await daemons.start();
  const ask = (headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(`${inferenceUrl}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }], max_tokens: 5 }),
    });
  const state = async (): Promise<State> =>
    (await (await fetch(`${inspectionUrl}/v1/state`)).json()) as State;

  const answer = (await (await ask(alice)).json()) as { usage: Record<string, number> };
  const tokens = answer.usage['prompt_tokens']! + answer.usage['completion_tokens']!;
  const refused = await ask(alice);
  expect([refused.status, await refused.json()]).toMatchObject([
    429,
    { error: { code: 'daily_spend_exceeded' } },
  ]);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(86_400 / speed);
  expect((await ask()).status).toBe(200);

  await daemons.stop();
  ({ inferenceUrl, inspectionUrl } = await daemons.start());
  expect([(await ask(alice)).status, (await ask()).status]).toEqual([429, 200]);
  const { money, upstream, alerts } = await state();
  const row = { backEnd: 'hyperbolic', model, failed: 0, requestsOfUnknownCost: 0 };
  expect(money.inference).toMatchObject({
    dailyCapMicroUsd: 1,
    requestsOfUnknownCost: 0,
    usage: [
      // $0.40 a million tokens, both ways.
      { ...row, caller: 'alice', requests: 1, costMicroUsd: Math.ceil(tokens * 0.4) },
      { ...row, caller: 'network-node', requests: 2 },
    ],
  });
  expect(upstream.limits).toMatchObject({ tokensToday: { alice: tokens }, spendCapMicroUsd: 1 });
  expect(alerts).toMatchObject([{ code: 'INFERENCE_CAP_REACHED' }]);
});
