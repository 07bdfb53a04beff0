import { alertErrors } from './alert-errors.ts';

/**
 * The catalogue of everything that can go wrong, each code once, with what to do about it:
 *
 * - `retryable`: the same call may work later (the default for an outage);
 * - `terminal`: this intent will never work, choose another (another offer, another machine);
 * - `unknown-outcome`: the call may have taken effect, look before acting again;
 * - `operator`: needs a person (a key, a price cap, an image name), retrying burns money.
 *
 * The class is decided once, at the adapter's boundary; charts branch on the class, never on texts.
 * `docs/reference/errors.md` is generated from this table.
 */
export type RetryClass = 'retryable' | 'terminal' | 'unknown-outcome' | 'operator';

interface Entry {
  readonly class: RetryClass;
  /** One sentence for the operator: what it means and the way out. */
  readonly help: string;
}

const entry = (retryClass: RetryClass, help: string): Entry => ({ class: retryClass, help });

export const catalogue = {
  // Configuration and process
  CONFIG_INVALID: entry('operator', 'A setting is missing or wrong; the message lists every one of them.'),
  CONFIG_UNREADABLE: entry('operator', 'A settings file exists but cannot be read; check its permissions.'),
  NODE_TOO_OLD: entry('operator', 'Needs Node 24.15 or newer; `npm ci` brings one.'),
  STORE_LOCKED: entry(
    'operator',
    'Another daemon runs on this STATE_DIR; stop it, or give this one its own.',
  ),
  STORE_BROKEN: entry('operator', 'The store cannot be opened or written; check disk space and STATE_DIR.'),
  STORE_TOO_NEW: entry('operator', 'The store was written by a newer version; install that version again.'),
  STORE_FULL: entry(
    'operator',
    'Too many open rows or unread messages in the store; something opens without closing.',
  ),
  CHART_FAULT: entry(
    'operator',
    'A chart failed on an event, which was parked; upgrade, or report it with the journal.',
  ),
  SNAPSHOT_UNFIT: entry(
    'operator',
    'A stored state does not fit this version; its row is parked until one that fits runs.',
  ),
  DEPLOYMENT_MISMATCH: entry(
    'operator',
    'DEPLOYMENT_ID differs from the store; machines of one id belong to one store.',
  ),
  PORT_IN_USE: entry('operator', 'A listener port is taken; change it or stop the other program.'),
  STOP_INCOMPLETE: entry(
    'operator',
    'The stop ran out of time while machines were still listed; destroy them by hand.',
  ),
  DAEMON_NOT_RUNNING: entry(
    'operator',
    'No daemon answers at the inspection address; start one, or set INSPECTION_PORT.',
  ),
  DAEMON_BAD_ANSWER: entry(
    'operator',
    'The inspection address answers, but not as this daemon; check INSPECTION_PORT.',
  ),
  DAEMON_REFUSED: entry('operator', 'The daemon wants a token for its inspection API; set INSPECTION_TOKEN.'),
  INSPECTION_NAME_FOREIGN: entry(
    'operator',
    'Without a token the inspection answers under a loopback name or INSPECTION_HOST only; call it so, or set INSPECTION_TOKEN.',
  ),
  ORDER_REFUSED: entry('operator', 'The daemon does not do what it was told; the message says why.'),
  // Any neighbour, on the wire
  WIRE_REFUSED: entry('retryable', 'Nothing listens at that address, or its name does not resolve.'),
  WIRE_TIMEOUT: entry('retryable', 'No answer within the limit.'),
  WIRE_BROKEN: entry('retryable', 'The connection broke before the answer was complete.'),
  ABORTED: entry('retryable', 'The call was abandoned by the daemon itself.'),
  // Chain
  CHAIN_UNREACHABLE: entry('retryable', 'No chain source answers; check GONKA_NETWORK_NODE_URL.'),
  CHAIN_BAD_ANSWER: entry(
    'retryable',
    'A chain source answered something that is no epoch (HTML, an error page, another service).',
  ),
  CHAIN_SOURCES_DISAGREE: entry(
    'retryable',
    'Chain sources answer, and none of them is credible; the last good head counts. See `hybrid-mlnode monitor`.',
  ),
  CHAIN_SOURCE_LYING: entry(
    'retryable',
    'A chain source tells a height or stages that cannot be; the others are believed. Take it out of GONKA_NETWORK_NODE_URL.',
  ),
  // Vast.ai
  VAST_UNREACHABLE: entry('retryable', 'The Vast.ai API does not answer.'),
  VAST_BAD_ANSWER: entry('retryable', 'Vast.ai answered something that its API does not document.'),
  VAST_RATE_LIMITED: entry('retryable', 'Vast.ai asks for longer pauses (429); the daemon waits by itself.'),
  VAST_KEY_REFUSED: entry('operator', 'VASTAI_API_KEY is wrong or lacks a permission.'),
  VAST_NO_CREDIT: entry('operator', 'The Vast.ai account has no credit or a spending limit.'),
  VAST_OFFER_GONE: entry('terminal', 'Somebody else took the offer; the next one is tried at once.'),
  VAST_CREATE_REFUSED: entry('terminal', 'Vast.ai refused this offer for a reason of its own.'),
  VAST_CREATE_UNKNOWN: entry(
    'unknown-outcome',
    'The answer to a rental was lost; the label is looked up before anything else.',
  ),
  VAST_NO_OFFER: entry(
    'retryable',
    'No machine meets the needs within VASTAI_MAX_PRICE; raise it or relax the needs.',
  ),
  RENTAL_TRIES_SPENT: entry(
    'operator',
    'Too many machines failed for one PoC (VASTAI_START_RETRIES); nothing more is rented for it.',
  ),
  HOLD_TOO_LONG: entry(
    'operator',
    'A machine would be kept for longer than MAX_POC_DURATION, so none is rented.',
  ),
  SPEND_CAP_REACHED: entry(
    'operator',
    'The worst case of a rental would pass MAX_DAILY_SPEND or MAX_EPOCH_SPEND.',
  ),
  VAST_IMAGE_MISSING: entry('operator', 'The image cannot be pulled on any machine; check DOCKER_IMAGE.'),
  VAST_INSTANCE_FAILED: entry('terminal', 'The rented machine failed; another one is taken.'),
  VAST_OVER_PRICE: entry('terminal', 'The rented machine costs more than the cap; it is returned.'),
  VAST_ORPHAN_FOUND: entry(
    'unknown-outcome',
    'An instance of this deployment belongs to no lease; it is destroyed.',
  ),
  VAST_LIST_UNKNOWN: entry(
    'retryable',
    'The instance list is incomplete or malformed, so it proves nothing.',
  ),
  // SSH
  SSH_KEY_UNREADABLE: entry('operator', 'VASTAI_SSH_KEY_PATH is missing, unreadable or no private key.'),
  SSH_UNREACHABLE: entry('retryable', 'Neither SSH endpoint of the machine accepts a connection.'),
  SSH_AUTH_REFUSED: entry('retryable', 'The machine does not accept the key (yet).'),
  SSH_HOST_KEY_CHANGED: entry(
    'terminal',
    'The host key differs from the pinned one; the machine counts as lost.',
  ),
  SSH_LOST: entry('retryable', 'The SSH connection broke; the tunnel reconnects by itself.'),
  SSH_EXEC_FAILED: entry('terminal', 'A command on the machine failed.'),
  SSH_PORT_BUSY: entry(
    'retryable',
    'The callback port on the machine is still held; its holder is ended first.',
  ),
  // Machine and ML node
  MACHINE_NO_GPU: entry('terminal', 'The machine shows no usable GPU; it is returned and remembered.'),
  MACHINE_NEVER_BOOTED: entry('terminal', 'The machine did not become usable in time.'),
  MACHINE_GPU_TOO_SMALL: entry(
    'terminal',
    'The GPUs of the machine hold less than the work needs; it is returned.',
  ),
  MACHINE_CUDA_UNFIT: entry(
    'terminal',
    'The driver of the machine is too old for the image; it is returned.',
  ),
  MACHINE_CLOCK_WRONG: entry(
    'terminal',
    'The clock of the machine is far off, so that its downloads fail; it is returned.',
  ),
  CALLBACK_PATH_BROKEN: entry(
    'terminal',
    'A post on the machine does not come out at the relay, so its callbacks would be lost; it is returned.',
  ),
  CALLBACK_PORT_SILENT: entry(
    'operator',
    'The callback port of the Network Node does not answer; check GONKA_CALLBACK_URL and its port 9100.',
  ),
  MODEL_DOWNLOAD_FAILED: entry(
    'terminal',
    'The machine could not fetch the weights of the model; it is returned.',
  ),
  MODEL_OUT_OF_MEMORY: entry(
    'terminal',
    'The model does not fit the GPUs of the machine; it is returned. If that repeats, raise VASTAI_MIN_TOTAL_VRAM.',
  ),
  MODEL_START_FAILED: entry(
    'terminal',
    'vLLM ended while it loaded the model; the message has the end of its log.',
  ),
  MODEL_START_SLOW: entry(
    'terminal',
    'The model was not up within MODEL_LOAD_TIMEOUT; the machine is returned.',
  ),
  MODEL_NOT_SERVED: entry('terminal', 'The machine is up and serves another model than it was told to.'),
  POC_V2_UNSUPPORTED: entry(
    'terminal',
    'The image on the machine has no PoC v2; take a newer one (DOCKER_IMAGE).',
  ),
  CONFIRMATION_MISSED: entry(
    'operator',
    'A confirmation PoC found no machine of ours; the reward of the epoch is at stake. RENTAL_POLICY=epoch keeps one.',
  ),
  MLNODE_UNREACHABLE: entry('retryable', 'The ML node on the machine does not answer through the tunnel.'),
  MLNODE_BAD_ANSWER: entry('retryable', 'The ML node answered something that its API does not document.'),
  POW_SHARE_UNDONE: entry(
    'terminal',
    'One of several machines does not take part in a PoC; the others go on, its share of the nonces stays undone.',
  ),
  MLNODE_REFUSED: entry('terminal', 'The ML node refused the call.'),
  // Network Node
  NETWORK_NODE_UNREACHABLE: entry('retryable', 'The admin API does not answer; check GONKA_ADMIN_API_URL.'),
  NETWORK_NODE_BAD_ANSWER: entry('operator', 'GONKA_ADMIN_API_URL answers, but not as a Gonka admin API.'),
  NETWORK_NODE_REFUSED: entry('operator', 'The admin API refused the node definition; the message says why.'),
  REGISTRATION_UNREACHABLE: entry(
    'operator',
    'The node does not find itself at the address that it would register; check VPS_IP, ports, segments, firewall.',
  ),
  PARTICIPANT_MISSING: entry(
    'operator',
    'The chain knows no account at GONKA_HOST_ADDRESS; check the address, or fund and register it.',
  ),
  CALLBACK_REFUSED: entry('terminal', 'The Network Node refused a callback for good (400).'),
  CALLBACK_NOT_TAKEN: entry('retryable', 'The Network Node did not take a callback; it is sent again.'),
  CALLBACK_EXPIRED: entry('terminal', 'A callback could not be delivered before its window closed.'),
  CALLBACK_FOREIGN: entry('terminal', 'A machine posted a callback that no running call asked for.'),
  RELAY_FULL: entry('retryable', 'The outbox is full; the machine keeps the batch and sends it again.'),
  // Upstream (inference)
  UPSTREAM_UNREACHABLE: entry('retryable', 'The inference API does not answer.'),
  UPSTREAM_TIMEOUT: entry('retryable', 'The inference API did not answer within the limit.'),
  UPSTREAM_BROKEN: entry('retryable', 'The inference API broke off its answer.'),
  UPSTREAM_KEY_REFUSED: entry('operator', 'The key of the inference API is wrong (401, 403).'),
  UPSTREAM_NO_CREDIT: entry('operator', 'The account at the inference API is empty (402).'),
  UPSTREAM_RATE_LIMITED: entry('retryable', 'The inference API asks for a pause (429).'),
  UPSTREAM_MODEL_MISSING: entry(
    'operator',
    'The inference API does not list the configured model; see `/v1/models`.',
  ),
  INFERENCE_CAP_REACHED: entry(
    'operator',
    'The inference of today reached MAX_DAILY_INFERENCE_SPEND; raise it, or wait for midnight UTC.',
  ),
  UPSTREAM_BAD_REQUEST: entry('terminal', 'The inference API found the request wrong.'),
  UPSTREAM_BAD_ANSWER: entry('retryable', 'The inference API answered something that is no completion.'),
  // Gateway
  REQUEST_NOT_JSON: entry('terminal', 'The body is no JSON object.'),
  REQUEST_INVALID: entry('terminal', 'A field of the body is missing or wrong; the message names it.'),
  SERVICE_CONFLICT: entry('terminal', 'Another service runs; stop it first (409, as the real ML node).'),
  NO_MACHINE: entry('retryable', 'No qualified GPU machine is attached, so PoC work is not acknowledged.'),
  ...alertErrors,
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof catalogue;

/** What is known about one failure beside its code; everything here may be logged and stored. */
export interface ErrorFacts {
  readonly code: ErrorCode;
  /** What happened, naming the field, the file or the neighbour. Never a secret, never a prompt. */
  readonly message: string;
  readonly [fact: string]: unknown;
}

/** The one error class of the house. */
export class HybridError<T extends ErrorFacts = ErrorFacts> extends Error {
  override readonly name = 'HybridError';
  readonly code: T['code'];
  readonly class: RetryClass;
  readonly facts: T;
  constructor(facts: T, options?: { cause?: unknown; class?: RetryClass }) {
    super(facts.message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = facts.code;
    this.class = options?.class ?? catalogue[facts.code].class;
    this.facts = facts;
  }
}

/** The form in which a failure enters a chart and the journal: plain data. */
export interface Fault {
  readonly code: ErrorCode;
  readonly class: RetryClass;
  readonly message: string;
}

/** Anything thrown, as a `Fault`. A foreign error is a bug in an adapter; it counts as retryable and keeps its text. */
export function toFault(error: unknown): Fault {
  if (error instanceof HybridError) return { code: error.code, class: error.class, message: error.message };
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: 'WIRE_BROKEN', class: 'retryable', message };
}
