import { createOfetchTransport } from '../../adapters/ofetch-transport.ts';
import { createSsh } from '../../adapters/ssh/index.ts';
import { createHttpVast, knowsSshKey, type Vast } from '../../adapters/vast/index.ts';
import { dollars } from '../../units.ts';
import { askedAgain } from '../asked-again.ts';
import { ownerOf } from '../instances.ts';
import { machineNeeds, workOf } from '../../wiring/renting/machine-needs.ts';
import { type Check, error, failed, type Finding, ok, type Patient, warning } from './finding.ts';

/** A PoC with its boot takes about so long; a host wants credit for more than one. */
const pocHours = 1.5;
const creditPocsWanted = 10;

/** The account: key, credit, SSH key, what stands there, and whether the market has what the settings ask for. */
export const vastCheck: Check = async (patient) => {
  const { config, clock, signal } = patient;
  if (config.rental.policy === 'off') return [ok('vast', 'RENTAL_POLICY is off: nothing is ever rented')];
  const { apiKey, baseUrl } = config.vast;
  const line = { baseUrl, apiKey, clock, transport: createOfetchTransport() };
  const vast = createHttpVast(line);
  let credit: number;
  try {
    credit = (await vast.account(signal)).creditUsd;
  } catch (thrown) {
    return [failed('vast.key', thrown, 'make a key at cloud.vast.ai/manage-keys and set VASTAI_API_KEY')];
  }
  return [
    ok('vast.key', 'VASTAI_API_KEY is accepted'),
    creditFinding(credit, config),
    await keyFinding(line, patient),
    await instancesFinding(vast, patient),
    await offersFinding(vast, patient),
  ].flat();
};

function creditFinding(credit: number, { vast }: Patient['config']): Finding {
  const poc = (vast.priceMax / 1e6) * pocHours;
  const text = `$${credit.toFixed(2)} of credit, a PoC costs up to $${poc.toFixed(2)}`;
  const fix = 'add credit at cloud.vast.ai/billing';
  if (credit < poc) return error('vast.credit', text, fix);
  return credit < creditPocsWanted * poc ? warning('vast.credit', text, fix) : ok('vast.credit', text);
}

async function keyFinding(
  line: Parameters<typeof knowsSshKey>[0],
  { config, signal }: Patient,
): Promise<Finding[]> {
  const check = 'vast.sshKey';
  let publicKey: string;
  try {
    publicKey = createSsh({ keyPath: config.vast.sshKeyPath }).publicKey();
  } catch {
    // The check of the key file says what is wrong with it.
    return [];
  }
  try {
    if (await knowsSshKey(line, publicKey, signal)) return [ok(check, 'the account has the SSH key')];
    return [
      warning(
        check,
        'the account does not have the SSH key yet',
        'the daemon adds it before the first rental; a key without that permission needs it done at cloud.vast.ai/manage-keys',
      ),
    ];
  } catch (thrown) {
    return [failed(check, thrown, 'the key needs the permission to read SSH keys')];
  }
}

async function instancesFinding(
  vast: Vast,
  { deploymentId, isDaemonUp, clock, signal }: Patient,
): Promise<Finding[]> {
  const check = 'vast.instances';
  try {
    const { instances } = await askedAgain(() => vast.list(signal), clock, signal);
    const ours = instances.filter(({ label }) => ownerOf(label, deploymentId).startsWith('ours'));
    const text = `${instances.length} instances in the account, ${ours.length} of them ours`;
    if (ours.length === 0 || isDaemonUp) return [ok(check, text)];
    const ids = ours.map(({ instanceId }) => instanceId).join(', ');
    return [
      error(
        check,
        `${text} (${ids}), and no daemon looks after them`,
        'start the daemon: it takes them over or returns them',
      ),
    ];
  } catch (thrown) {
    return [failed(check, thrown, 'the key needs the permission to read instances')];
  }
}

async function offersFinding(vast: Vast, { config, signal }: Patient): Promise<Finding[]> {
  const check = 'vast.offers';
  const needs = machineNeeds(config, workOf(config, config.machineModel.pocVersion ?? 'v1'));
  try {
    const offers = await vast.search({ ...needs, durationSecondsMin: 86_400 }, signal);
    const [first] = offers.toSorted((a, b) => a.price - b.price);
    if (first === undefined)
      return [
        warning(
          check,
          `no machine on the market meets the needs for ${dollars(config.vast.priceMax)}/h at this moment`,
          'raise VASTAI_MAX_PRICE, or ask for less (VASTAI_MIN_*, VASTAI_GPU_TYPE)',
        ),
      ];
    return [
      ok(
        check,
        `${offers.length} machines meet the needs, from ${dollars(first.price)}/h (${first.gpuCount} × ${first.gpuName})`,
      ),
    ];
  } catch (thrown) {
    return [failed(check, thrown, 'try again; the market could not be searched')];
  }
}
