import type { Mlnode } from '../../adapters/mlnode/interface.ts';
import { connectFirst } from '../../adapters/ssh/first-open.ts';
import type { ReverseReceiver, SshSession } from '../../adapters/ssh/interface.ts';
import { verdict } from '../../adapters/vast/instance-verdict.ts';
import type { Instance, Offer } from '../../adapters/vast/interface.ts';
import type { Config } from '../../config/config.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Neighbours } from '../../wiring/neighbours.ts';

/** The old limits, seconds → ms: until the container runs, until SSH logs in, until the ML node answers. */
const limitsMs = { running: 1_800_000, login: 1_200_000, mlnode: 1_800_000 };
const lookPauseMs = 10_000;
const loginPauseMs = 5_000;
const loginTimeoutMs = 15_000;
/** Where the callbacks of the machine's ML node enter the tunnel. */
export const predecessorCallbackPort = 20_000;

export interface PredecessorMachineOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly neighbours: Pick<Neighbours, 'vast' | 'ssh' | 'mlnode'>;
  readonly receiver: ReverseReceiver;
  readonly signal: AbortSignal;
}

/** One rented machine as the old strategy handles it: created once, waited for, used, destroyed once. */
export class PredecessorMachine {
  readonly #options: PredecessorMachineOptions;
  #instanceId: number | undefined;
  #session: SshSession | undefined;
  /** World time at which the container was seen to run. */
  runningAt: number | undefined;

  constructor(options: PredecessorMachineOptions) {
    this.#options = options;
  }

  /** Resolves when the ML node answers. Throws whatever stood in the way. */
  async start(offer: Offer): Promise<void> {
    const { config, neighbours, signal } = this.#options;
    const created = await neighbours.vast.create(
      {
        offerId: offer.offerId,
        label: 'gonka-poc-sprint',
        image: config.vast.image,
        diskGb: config.vast.diskGb,
        onstart: `${config.vast.mlnodeStartCommand} --host=127.0.0.1 --port=${config.mlnodePort}`,
        env: {},
      },
      signal,
    );
    this.#instanceId = created.instanceId;
    const instance = await this.#untilRunning(created.instanceId);
    this.#session = await this.#login(instance);
    await this.#session.reverse(predecessorCallbackPort, this.#options.receiver, signal);
    await this.#untilAnswers();
  }

  mlnode(): Mlnode {
    if (this.#session === undefined) throw new Error('there is no machine');
    return this.#options.neighbours.mlnode(this.#session.transport(this.#options.config.mlnodePort));
  }

  /** Once; the result is not looked at. */
  async destroy(): Promise<void> {
    this.#session?.close();
    this.#session = undefined;
    if (this.#instanceId === undefined) return;
    await this.#options.neighbours.vast.destroy(this.#instanceId, this.#options.signal).catch(() => {});
  }

  async #untilRunning(instanceId: number): Promise<Instance> {
    const { clock, neighbours, signal } = this.#options;
    return this.#within(limitsMs.running, lookPauseMs, async () => {
      const list = await neighbours.vast.list(signal).catch(() => undefined);
      const instance = list?.instances.find((row) => row.instanceId === instanceId);
      if (instance === undefined) return undefined;
      const judged = verdict(instance);
      if (judged.kind === 'failed') throw new Error(judged.fault.message);
      if (judged.kind !== 'running' || instance.endpoints.length === 0) return undefined;
      this.runningAt = clock.now();
      return instance;
    });
  }

  #login(instance: Instance): Promise<SshSession> {
    const { neighbours, signal } = this.#options;
    return this.#within(limitsMs.login, loginPauseMs, () =>
      connectFirst(neighbours.ssh, instance.endpoints, { timeoutMs: loginTimeoutMs, signal }).catch(
        () => undefined,
      ),
    );
  }

  async #untilAnswers(): Promise<void> {
    await this.#within(limitsMs.mlnode, loginPauseMs, () =>
      this.mlnode()
        .state(this.#options.signal)
        .catch(() => undefined),
    );
  }

  async #within<Result>(
    limitMs: number,
    pauseMs: number,
    look: () => Promise<Result | undefined>,
  ): Promise<Result> {
    const { clock, signal } = this.#options;
    for (const until = clock.now() + limitMs; clock.now() < until; ) {
      const found = await look();
      if (found !== undefined) return found;
      await clock.sleep(pauseMs, signal);
    }
    throw new Error(`not within ${limitMs} ms`);
  }
}
