import { comparedArtifacts, generatedArtifacts } from '../../conformance/callback-shapes.ts';
import { pocV2InitTo, statTest } from '../../conformance/poc-v2-bodies.ts';
import { countedNonces, type RehearsedPoc, type RehearsedPocOptions, validatedLimitMs } from './poc.ts';
import { awaited, expectTaken, rehearsedReceiver } from './receiver.ts';

/** As many as the Network Node takes of one participant (docs/reference/protocol.md "Mainnet parameters"). */
const sampleMax = 200;

/**
 * A PoC v2 as the Network Node would drive it, on the model that is up: artifacts come to a receiver of our own, and a
 * sample of them is given back to be compared. Throws as `rehearsePoc`.
 */
export async function rehearsePocV2(
  options: RehearsedPocOptions & { readonly model: string },
): Promise<RehearsedPoc> {
  const { mlnode, signal, onStep } = options;
  const init = pocV2InitTo(`http://127.0.0.1:${options.callbackPort}`, options.model);
  const receiver = rehearsedReceiver(init, {
    generated: (body) => generatedArtifacts.parse(body),
    nonces: ({ artifacts }) => artifacts.map(({ nonce }) => nonce),
    validated: (body) => comparedArtifacts.parse(body),
  });
  options.receive(receiver.receive);
  const call = async (name: Parameters<typeof mlnode.pocV2>[0], body: object): Promise<void> =>
    expectTaken(`inference/pow/${name}`, await mlnode.pocV2(name, JSON.stringify(body), signal));
  await call('init/generate', init);
  onStep('initialised');
  const counted = await countedNonces(
    () => receiver.generated.map(({ artifacts }) => artifacts.length),
    options,
  );
  await call('stop', {});
  const artifacts = receiver.generated[0]?.artifacts.slice(0, sampleMax) ?? [];
  await call('generate', {
    ...init,
    nonces: artifacts.map(({ nonce }) => nonce),
    validation: { artifacts },
    stat_test: statTest,
  });
  const verdict = await awaited(
    () => receiver.validated[0],
    'a verdict on its own artifacts',
    validatedLimitMs,
    options,
  );
  onStep('validated');
  await call('stop', {});
  onStep('stopped');
  receiver.expectWell();
  const isHonest = !verdict.fraud_detected && verdict.n_total === artifacts.length;
  return { version: 'v2', ...counted, isValidated: isHonest };
}
