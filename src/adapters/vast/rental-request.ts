import { HybridError, type ErrorCode, type RetryClass } from '../../errors.ts';
import type { CreateRequest } from './interface.ts';
import { isKeyRefusal } from './refusal-reading.ts';
import type { VastAnswer } from './vast-line.ts';

/**
 * The body of a create: SSH by proxy and directly, no `-p` entry (the server on the machine is reached through the
 * tunnel only), and no stopped instance when the race for the offer is lost. Throws VAST_CREATE_REFUSED of the
 * operator's class for what the API would refuse or cut. Source: docs/reference/vast.md "Create".
 */
export function rentalBody(request: CreateRequest): Record<string, unknown> {
  const wrong =
    (request.label.length > 256 && 'label is longer than 256 characters') ||
    (Buffer.byteLength(request.onstart) > 4096 && 'onstart is longer than 4096 bytes') ||
    (request.image.length > 1024 && 'image is longer than 1024 characters') ||
    (request.diskGb < 8 && 'disk is below 8 GB') ||
    wrongEntry(request.env);
  if (wrong) throw refused('VAST_CREATE_REFUSED', wrong, 'operator');
  return {
    client_id: 'me',
    image: request.image,
    disk: request.diskGb,
    label: request.label,
    runtype: 'ssh_direc ssh_proxy',
    env: request.env,
    onstart: request.onstart,
    target_state: 'running',
    cancel_unavail: true,
    ...(request.templateHashId === undefined ? {} : { template_hash_id: request.templateHashId }),
  };
}

/** The instance id of a create's answer; throws what each row of "Create", answers, means. */
export function rentedInstance(answer: VastAnswer): number {
  const { status, text, summary } = answer;
  const contract = (answer.value as { new_contract?: unknown } | null | undefined)?.new_contract;
  const instanceId = typeof contract === 'string' && contract !== '' ? Number(contract) : contract;
  const hasId = typeof instanceId === 'number' && Number.isSafeInteger(instanceId);
  const ok = status >= 200 && status < 300 && answer.success !== false;
  if (ok && hasId) return instanceId;
  // An error with a contract beside it left an instance; no id, no JSON or a server error may have.
  if (ok || hasId || status >= 500 || status === 408) throw refused('VAST_CREATE_UNKNOWN', summary);
  if (text.includes('no_such_ask') || status === 410) throw refused('VAST_OFFER_GONE', summary);
  if (/insufficient_credit|spend_rate_limit|missing_billing/.test(text) || status === 402) {
    throw refused('VAST_NO_CREDIT', summary);
  }
  if (isKeyRefusal(answer) && !/\b3586\b/.test(text)) throw refused('VAST_KEY_REFUSED', summary);
  // A redirect means a wrong base URL, 403 a kind of account that may not rent: no other offer helps.
  throw refused(
    'VAST_CREATE_REFUSED',
    summary,
    (status >= 300 && status < 400) || status === 403 ? 'operator' : 'terminal',
  );
}

/** Entries go to the container as they are; one that begins with a dash would be a docker flag and publish a port. */
function wrongEntry(env: Readonly<Record<string, string>>): string | undefined {
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith('-')) return `env must not carry docker flags (${name})`;
    if (name.length + value.length > 256) return `env ${name} is longer than 256 characters`;
  }
  return JSON.stringify(env).length > 32_768 ? 'env is longer than 32768 characters' : undefined;
}

function refused(code: ErrorCode, message: string, retryClass?: RetryClass): HybridError {
  return new HybridError({ code, message }, retryClass === undefined ? {} : { class: retryClass });
}
