import type { RetryClass } from './errors.ts';

interface AlertError {
  readonly class: RetryClass;
  readonly help: string;
}

const entry = (retryClass: RetryClass, help: string): AlertError => ({ class: retryClass, help });

/** Codes of alerts that no failed call stands behind (docs/runbooks), and of the channels that carry them. */
export const alertErrors = {
  POC_MISSED: entry('operator', 'A PoC ended without accepted work of this node.'),
  POC_ENDANGERED: entry('operator', 'PoC is near and no machine is ready.'),
  CHAIN_HALTED: entry('retryable', 'No new height for longer than CHAIN_HALT_LIMIT.'),
  INFERENCE_DOWN: entry('operator', 'No back end serves the expected model.'),
  CREDIT_LOW: entry('operator', 'The Vast.ai account has less than the next rental reserves; top it up.'),
  REGISTRATION_RENEWED: entry(
    'operator',
    'The registration was gone or differed and was made anew; only one program may write the id.',
  ),
  CALLBACK_EXPIRING: entry('retryable', 'Undelivered callbacks are close to the end of their window.'),
  PULSE_FAILING: entry(
    'retryable',
    'A machine hears no renewal and will destroy itself at its time to live.',
  ),
  CLOCK_SKEW: entry('operator', 'The clock of this host was set while the daemon ran; run NTP and restart.'),
  DISK_LOW: entry('operator', 'The disk of STATE_DIR is nearly full.'),
  DEPLOYMENT_UNSAVED: entry(
    'operator',
    'DEPLOYMENT_ID stands in the store only; put it into `.env`, so that a lost store still knows its machines.',
  ),
  SPRINT_UNREWARDED: entry(
    'operator',
    'Machines are returned after PoC on a chain that runs confirmation PoC; set RENTAL_POLICY=epoch.',
  ),
  NOTIFY_FAILING: entry('operator', 'An alert channel takes no messages; try `hybrid-mlnode alerts test`.'),
  NOTIFY_UNREACHABLE: entry('retryable', 'The alert channel does not answer; the message is sent again.'),
  NOTIFY_RATE_LIMITED: entry('retryable', 'The alert channel asks for a pause (429).'),
  NOTIFY_REFUSED: entry('terminal', 'The alert channel will never take this message (400, 413).'),
  NOTIFY_KEY_REFUSED: entry(
    'operator',
    'The alert channel refuses token, address or recipient; check the ALERT_ settings.',
  ),
} as const satisfies Record<string, AlertError>;
