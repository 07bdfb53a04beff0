import type { WorldClock, WorldTimer } from '../clock.ts';
import type { Outbound } from '../exchange.ts';
import type { CallbackEntry, CallbackKind, PocAccount } from './mlnode-books.ts';
import { type ProofBatch, pythonJson, type ValidatedBatch } from './mlnode-payloads.ts';

export type Phase = 'IDLE' | 'GENERATE' | 'VALIDATE';

const tickMs = 5000;

interface Unsent {
  readonly body: string;
  readonly nonces: readonly number[];
  readonly entry: CallbackEntry;
}

interface SenderOptions {
  readonly clock: WorldClock;
  readonly post: Outbound;
  /** Used verbatim, `/generated` or `/validated` appended. */
  readonly url: string;
  readonly phase: () => Phase;
  readonly account: PocAccount;
  readonly isStalled: () => boolean;
}

/**
 * The sender process of PoC v1 (docs/reference/protocol.md "Sender"): a round every 5 s; what was not taken stays
 * and is posted again in the next round of the same phase. One post at a time and without any limit, so a callback
 * that hangs holds back all later ones.
 */
export class MlnodeSender {
  readonly #options: SenderOptions;
  readonly #stopped = new AbortController();
  #timer: WorldTimer | undefined;
  /** World time at which the last round ended; rounds that would find nothing are left out. */
  #roundAt: number;
  #isSending = false;
  #generated: ProofBatch[] = [];
  #unsentGenerated: Unsent[] = [];
  #unsentValidated: Unsent[] = [];

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#roundAt = options.clock.now();
  }

  queueGenerated(batch: ProofBatch): void {
    this.#generated.push(batch);
    this.#schedule();
  }

  queueValidated(batch: ValidatedBatch): void {
    this.#unsentValidated.push(this.#unsent('validated', batch));
    this.#schedule();
  }

  /** What waited for this phase is sent from now on. */
  phaseChanged(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#schedule();
  }

  /** Everything unsent is lost. */
  close(): void {
    this.#stopped.abort();
    this.#options.clock.clearTimeout(this.#timer);
  }

  /** The next round that has anything to send. */
  #schedule(): void {
    const { clock, phase } = this.#options;
    const waiting = {
      IDLE: 0,
      GENERATE: this.#generated.length + this.#unsentGenerated.length,
      VALIDATE: this.#unsentValidated.length,
    }[phase()];
    if (this.#isSending || this.#timer !== undefined || waiting === 0 || this.#stopped.signal.aborted) return;
    const sinceMs = (clock.now() - this.#roundAt) % tickMs;
    this.#timer = clock.setTimeout(() => void this.#round(), tickMs - sinceMs);
  }

  async #round(): Promise<void> {
    this.#timer = undefined;
    this.#isSending = true;
    if (!this.#options.isStalled()) {
      const phase = this.#options.phase();
      if (phase === 'GENERATE') {
        this.#merge();
        this.#unsentGenerated = await this.#send('generated', this.#unsentGenerated);
      } else if (phase === 'VALIDATE') {
        const finished = this.#unsentValidated;
        this.#unsentValidated = [];
        this.#unsentValidated.unshift(...(await this.#send('validated', finished)));
      }
    }
    this.#roundAt = this.#options.clock.now();
    this.#isSending = false;
    this.#schedule();
  }

  #merge(): void {
    const [first] = this.#generated;
    if (!first) return;
    const merged: ProofBatch = {
      ...first,
      nonces: this.#generated.flatMap((batch) => batch.nonces),
      dist: this.#generated.flatMap((batch) => batch.dist),
    };
    this.#generated = [];
    this.#unsentGenerated.push(this.#unsent('generated', merged));
  }

  #unsent(kind: CallbackKind, batch: ProofBatch | ValidatedBatch): Unsent {
    const body = pythonJson(batch);
    const entry = this.#options.account.openCallback(kind, body, batch.nonces.length);
    return { body, nonces: batch.nonces, entry };
  }

  /** Posts one after the other; returns those that were not taken. */
  async #send(kind: CallbackKind, items: readonly Unsent[]): Promise<Unsent[]> {
    const failed: Unsent[] = [];
    for (const item of items) {
      if (this.#stopped.signal.aborted) return failed;
      if (!(await this.#post(kind, item))) failed.push(item);
    }
    return failed;
  }

  async #post(kind: CallbackKind, { body, nonces, entry }: Unsent): Promise<boolean> {
    const { account, clock, post, url } = this.#options;
    entry.postedAt ??= clock.now();
    entry.posts += 1;
    if (kind === 'generated') for (const nonce of nonces) account.posted.add(nonce);
    try {
      const { status } = await post({
        method: 'POST',
        url: `${url}/${kind}`,
        headers: {
          'content-type': 'application/json',
          accept: '*/*',
          'user-agent': 'python-requests/2.32.3',
        },
        body,
        signal: this.#stopped.signal,
      });
      entry.answered = status;
      if (status >= 200 && status < 300) entry.ackedAt ??= clock.now();
      return status < 400;
    } catch {
      return false;
    }
  }
}
