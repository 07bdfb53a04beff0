/** How much an alert matters. */
export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

export interface AlertKind {
  readonly severity: Severity;
  /** A few words, the same for every alert of the kind. */
  readonly title: string;
  /** What is the case, and what it costs when nobody does anything. One or two sentences. */
  readonly meaning: string;
  /** The first thing to do; the rest stands in `docs/runbooks/<kind>.md`. */
  readonly advice: string;
  /** So long it must have lasted before anybody is told: it often mends itself. Clock ms. @default 0 */
  readonly settleMs?: number;
}

const kind = (
  severity: Severity,
  title: string,
  meaning: string,
  advice: string,
  settleMs?: number,
): AlertKind => ({ severity, title, meaning, advice, ...(settleMs === undefined ? {} : { settleMs }) });

/** Told within 30 s all the same: the look at open alerts comes every five. */
const shortlyMs = 20_000;

/** Everything that a person may be told. Each has a page `docs/runbooks/<kind>.md`. */
export const alertKinds = {
  leak: kind(
    'critical',
    'A rented machine is not proven gone',
    'A machine that nobody wants any more is still listed, or a machine of ours was found that no lease knows. It costs money every hour; the daemon goes on destroying it for ever.',
    'Look at the instance in the Vast.ai console and destroy it there if the daemon does not within minutes.',
    shortlyMs,
  ),
  'cap-reached': kind(
    'critical',
    'A spending cap stops renting',
    'The worst case of the next rental would pass MAX_DAILY_SPEND, MAX_EPOCH_SPEND or MAX_POC_DURATION. Nothing is rented until that changes, so the PoC ahead will be missed.',
    'Raise the cap named in the message, or accept the missed PoC.',
  ),
  'inference-cap': kind(
    'warning',
    'The inference of today reached its cap',
    'MAX_DAILY_INFERENCE_SPEND is used up. Callers with a token are refused until midnight UTC; the Network Node is served.',
    'Look at `hybrid-mlnode status` for who spent it; raise the cap or wait.',
  ),
  'poc-missed': kind(
    'critical',
    'A PoC was missed',
    'A PoC ended without accepted work of this node. The epoch that it begins earns nothing.',
    'Read the journal of that epoch; mend the cause before the next PoC.',
  ),
  'poc-endangered': kind(
    'critical',
    'PoC is near and no machine is ready',
    'Fewer blocks are left to PoC than ALERT_POC_BLOCKS, and no machine is ready. What is not ready when generation ends earns nothing.',
    'See `hybrid-mlnode status` for what the machine waits for; raise VASTAI_MAX_PRICE or relax the needs if there is no offer.',
  ),
  'confirmation-unserved': kind(
    'critical',
    'A confirmation PoC runs without a machine',
    'The chain checks this node now and there is no GPU to answer. A ratio below one half costs the reward of the whole epoch.',
    'Nothing saves this one; with confirmation PoC set RENTAL_POLICY=epoch.',
  ),
  'share-undone': kind(
    'warning',
    'A machine does not take part in the PoC',
    'One of several machines failed or was lost during a PoC. The others go on; its share of the nonces stays undone.',
    'See the fault of its lease; nothing is to be done for this PoC.',
  ),
  'chain-stale': kind(
    'warning',
    'No new block height from any chain source',
    'Nothing has been heard of the chain for some twenty blocks. Deadlines pass unseen while it lasts.',
    'Ask the URLs of GONKA_NETWORK_NODE_URL by hand; add sources.',
  ),
  'chain-source': kind(
    'warning',
    'A chain source tells what cannot be',
    'One of several sources contradicts the others, or leapt. It is not believed; with one source fewer, the next fault is harder to tell.',
    'Take it out of GONKA_NETWORK_NODE_URL, or mend it; see `hybrid-mlnode monitor`.',
    shortlyMs,
  ),
  'chain-halted': kind(
    'critical',
    'The chain stands still',
    'There has been no new height for longer than CHAIN_HALT_LIMIT. Machines are returned, so that nobody pays for waiting.',
    'See whether the network or only your sources stand still; nothing is to be done about the former.',
  ),
  'upstream-down': kind(
    'warning',
    'An inference back end fails',
    'A back end does not answer, refuses its key, has no credit, or no longer lists the model. It is left alone and looked at again.',
    'Read the code: a key, a balance and a model need you; an outage passes.',
    shortlyMs,
  ),
  'inference-down': kind(
    'critical',
    'Nobody answers inference',
    'No back end serves the expected model, so `/health` is 503 and the Network Node sees a failed node. Missed inference costs the reward.',
    'Mend the back end, or add a second one (UPSTREAM_2_BASE_URL).',
    shortlyMs,
  ),
  'vast-down': kind(
    'warning',
    'Vast.ai cannot be asked',
    'The API does not answer, refuses the key or lists nothing that counts. Nothing can be rented or proven gone while it lasts.',
    'Check VASTAI_API_KEY and the status page of Vast.ai.',
    shortlyMs,
  ),
  'renting-blocked': kind(
    'warning',
    'No machine can be rented',
    'The search finds nothing that meets the needs, or too many machines failed. It goes on while the PoC can still be met.',
    'Raise VASTAI_MAX_PRICE or relax the needs; check DOCKER_IMAGE and VASTAI_START_RETRIES.',
    shortlyMs,
  ),
  'credit-low': kind(
    'critical',
    'The credit at Vast.ai is low',
    'The account has less than the next rental reserves. At zero Vast.ai stops running machines, in the middle of a PoC if need be.',
    'Top the account up.',
  ),
  registration: kind(
    'critical',
    'The registration is gone or differs',
    'The Network Node does not list this node as configured, and the upsert fails or does not stick. Without it there is no PoC and no inference.',
    'Compare `hybrid-mlnode status` with `GET /admin/v1/nodes`; only one program may register the id.',
  ),
  'registration-renewed': kind(
    'warning',
    'The registration was gone or differed, and was made anew',
    'Somebody removed or changed the node at the Network Node; the daemon put it back. A node that was added anew is skipped until the next PoC.',
    'Find out who changes it: only one program may write the id.',
  ),
  'participant-missing': kind(
    'warning',
    'The chain does not know the host account',
    'There is no account at GONKA_HOST_ADDRESS. Rewards have nowhere to go.',
    'Check the address; fund and register the account.',
  ),
  'callback-port-silent': kind(
    'critical',
    'The callback port of the Network Node does not answer',
    'A qualified machine reaches this host, but what this host delivers would reach nobody. Without that port the PoC earns nothing.',
    'Check GONKA_CALLBACK_URL and port 9100 of the Network Node before PoC starts.',
  ),
  'callback-expiring': kind(
    'critical',
    'Callbacks may miss their window',
    'Results of the machine wait, undelivered, and the window in which the Network Node takes them closes within 20 blocks.',
    'See that the Network Node answers on its callback port (9100).',
  ),
  'callback-lost': kind(
    'critical',
    'Callbacks could not be delivered',
    'Results were refused for good, or their window closed before the Network Node took them. That work is not counted.',
    'Read the log lines `callback.refused` and `callback.expired`, and the log of the Network Node at that time.',
  ),
  'callback-foreign': kind(
    'warning',
    'A machine posted what nobody asked for',
    'A rented machine sent callbacks that fit no running call; they were refused. Either something is badly out of step, or the machine is not to be trusted.',
    'Read the log lines `callback.foreign`; release the machine if it goes on.',
  ),
  'row-parked': kind(
    'critical',
    'An event or a row was parked',
    'A chart failed on an event, or a stored state does not fit this version. That row stands still; others go on.',
    'Save the journal and report it; go back to the version before if it came with an upgrade.',
  ),
  'pulse-failing': kind(
    'critical',
    'A machine does not hear the daemon',
    "Renewals of a machine's life fail. It destroys itself when LEASE_TTL has passed since the last one.",
    'See the tunnel of the lease in `hybrid-mlnode status`; a machine that cannot be reached is better replaced now.',
  ),
  'clock-skew': kind(
    'warning',
    'The clock of this host was set',
    'Wall clock and running time disagree by more than five seconds: the clock was set, or the host slept. Days of caps and times in messages are off until a restart.',
    'Run NTP (`timedatectl`), then restart the daemon with `--keep`.',
  ),
  'store-failing': kind(
    'critical',
    'The store cannot be written',
    'Commits fail or the disk is nearly full. Nothing new is rented and callbacks are refused until it can be written again.',
    'Free space on the disk of STATE_DIR, and check its permissions.',
  ),
  'deployment-unsaved': kind(
    'info',
    'DEPLOYMENT_ID stands in the store only',
    'If the store is lost, the machines in its labels are nobody’s and no daemon will destroy them.',
    'Put the line that the start printed into `.env`.',
  ),
  'sprint-unrewarded': kind(
    'warning',
    'Machines are returned early on a chain that checks',
    'The chain runs confirmation PoC, and the policy returns the machine when validation ends. Such an epoch is nearly never paid.',
    'Set RENTAL_POLICY=epoch, or off.',
  ),
  'channel-failing': kind(
    'warning',
    'An alert channel fails',
    'Messages to one channel are not taken. The other channels are told; what waits is sent when it works again, for a day.',
    'Run `hybrid-mlnode alerts test`: it names what the channel says.',
  ),
  unclassified: kind(
    'warning',
    'Something needs a look',
    'An alert that this version has no page for.',
    'Read the message and its code in docs/reference/errors.md.',
  ),
} as const satisfies Record<string, AlertKind>;

export type AlertKindName = keyof typeof alertKinds;
export const alertKindNames = Object.keys(alertKinds) as readonly AlertKindName[];

export const rankOf = (severity: Severity): number => severities.indexOf(severity);
export const kindSettleMs = (name: AlertKindName): number =>
  (alertKinds[name] satisfies AlertKind).settleMs ?? 0;
