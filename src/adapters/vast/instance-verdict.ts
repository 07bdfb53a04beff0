import { catalogue, type ErrorCode, type Fault } from '../../errors.ts';
import type { Instance } from './interface.ts';

/** What an instance's states say about it; how long `pending` may last is the caller's clock to decide. */
export type InstanceVerdict =
  | { readonly kind: 'pending' }
  | { readonly kind: 'running' }
  | { readonly kind: 'failed'; readonly fault: Fault };

/**
 * Reads the states of a rented instance. `running` means that the container runs, not yet that SSH answers.
 * `cur_state` is not read: it turns `running` at once. Texts count only as signs of failure, and only before the
 * container runs. Source: docs/reference/vast.md "State machine".
 */
export function verdict(instance: Instance): InstanceVerdict {
  const { actualStatus, intendedStatus } = instance;
  if (intendedStatus === 'stopped' || intendedStatus === 'frozen') {
    return failed('VAST_INSTANCE_FAILED', instance, 'its GPU went to somebody else, or the account ran dry');
  }
  switch (actualStatus) {
    case 'running':
      return intendedStatus === 'running' ? { kind: 'running' } : { kind: 'pending' };
    case 'exited':
      return failed('VAST_INSTANCE_FAILED', instance, 'the container died');
    case 'unknown':
    case 'offline':
      return failed('VAST_INSTANCE_FAILED', instance, 'the host is lost');
    case 'stopped':
    case 'frozen':
      return failed('VAST_INSTANCE_FAILED', instance, 'the container was stopped');
    default:
      return beforeRunning(instance);
  }
}

/** Null, blank, `created`, `loading`, `rebooting` and words that nobody documented: waiting, unless the text says no. */
function beforeRunning(instance: Instance): InstanceVerdict {
  const text = (instance.statusMsg ?? '').toLowerCase();
  if (text.startsWith('success')) return { kind: 'pending' };
  // A host's own trouble is looked for first: "No such container" must not count as a missing image.
  if (hostTrouble.test(text))
    return failed('VAST_INSTANCE_FAILED', instance, 'the host cannot start the container');
  if (imageTrouble.test(text)) return failed('VAST_IMAGE_MISSING', instance, 'the image cannot be pulled');
  return { kind: 'pending' };
}

const hostTrouble =
  /oci runtime create failed|no such container|container failed to start|failed to (?:build|solve)|dockerfile/;
const imageTrouble =
  /manifest unknown|manifest for .* not found|failed to resolve reference|pull access denied|repository does not exist|unauthorized|no such image|(?:image|tag) .*not found/;

function failed(code: ErrorCode, instance: Instance, why: string): InstanceVerdict {
  const said = instance.statusMsg?.trim().slice(0, 300);
  const states = `actual ${instance.actualStatus ?? 'null'}, intended ${instance.intendedStatus ?? 'null'}`;
  const message = `instance ${instance.instanceId}: ${why} (${states}${said ? `: ${said}` : ''})`;
  return { kind: 'failed', fault: { code, class: catalogue[code].class, message } };
}
