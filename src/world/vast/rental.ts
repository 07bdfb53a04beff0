import type { WorldClock, WorldTimer } from '../clock.ts';
import type { BootPlan } from './boot-plan.ts';
import { variables, publishedPorts, type CreationOrder } from './creation.ts';
import type { MachineEndpoints, MachineHost, MachineSpec } from './machine-host.ts';
import { Meter } from './meter.ts';
import type { OfferRow } from './offer.ts';

export type ActualStatus = null | 'created' | 'loading' | 'running' | 'stopped' | 'exited' | 'offline';

/** What a rental needs from outside. */
export interface RentalTerms {
  readonly instanceId: number;
  readonly containerApiKey: string;
  readonly order: CreationOrder;
  readonly offer: OfferRow;
  readonly plan: BootPlan;
  readonly imageGb: number;
  readonly clock: WorldClock;
  readonly host: MachineHost;
  /** Lines known at creation; later ones come through `attachKey`. */
  readonly authorizedKeys: readonly string[];
  /** The container began to run. */
  readonly onRunning: (rental: Rental) => void;
  /** The meter's rate changed, or the instance is gone. */
  readonly onChange: (rental: Rental) => void;
  /** The bill of an instance that is gone grew: a container tells its traffic when it has stopped. */
  readonly onLateTraffic: (usd: number) => void;
  /** Lists show something else from now on: this instance comes or goes, or its status is another. */
  readonly onStir: (what: 'listed' | 'status') => void;
}

/**
 * One instance from creation to its end: `null → created → loading → running`, with the status texts, the meter and
 * the container behind it. Source: docs/reference/vast.md "State machine".
 */
export class Rental {
  readonly terms: RentalTerms;
  readonly createdAt: number;
  readonly meter: Meter;
  label: string;
  actualStatus: ActualStatus = null;
  intendedStatus: 'running' | 'stopped' = 'running';
  statusMsg: string | null = null;
  /** Where the container can be reached, from the moment it runs. */
  endpoints: MachineEndpoints | undefined;
  runningAt: number | null = null;
  destroyedAt: number | null = null;
  destroyAccepted = false;
  readonly #keys: string[];
  readonly #timers = new Set<WorldTimer>();
  #destroyTimer: WorldTimer | undefined;
  #container: 'none' | 'starting' | 'there' | 'gone' = 'none';

  constructor(terms: RentalTerms) {
    this.terms = terms;
    this.createdAt = terms.clock.now();
    this.meter = new Meter(terms.offer, terms.order.diskGb, this.createdAt);
    this.label = terms.order.label;
    this.#keys = [...terms.authorizedKeys];
    // Not one of the boot's own timers: it goes on whatever becomes of the boot.
    terms.clock.setTimeout(() => terms.onStir('listed'), terms.plan.visibleAfterMs);
    if (terms.plan.end === 'intendedStopped' || terms.order.targetState === 'stopped') this.loseGpu();
    else this.after(terms.plan.createdAfterMs, () => this.#created());
  }

  get instanceId(): number {
    return this.terms.instanceId;
  }
  get visible(): boolean {
    return (
      this.destroyedAt === null && this.terms.clock.now() >= this.createdAt + this.terms.plan.visibleAfterMs
    );
  }

  /** Runs `act` later unless the instance is gone or replaced its course by then. */
  after(ms: number, act: () => void): void {
    const timer = this.terms.clock.setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }

  /** The GPU went to somebody else, the credit ran out, or a stop was asked for: the contract stays and bills disk. */
  loseGpu(): void {
    this.#halt();
    this.intendedStatus = 'stopped';
    this.actualStatus = this.runningAt === null ? this.actualStatus : 'stopped';
    this.meter.gpuStops(this.terms.clock.now());
    this.terms.onChange(this);
  }

  /** A running container dies, or its host vanishes. */
  lose(as: 'exited' | 'offline'): void {
    if (this.actualStatus !== 'running') return;
    this.#halt();
    this.actualStatus = as;
    this.statusMsg = as === 'exited' ? 'Container exited (137)' : this.statusMsg;
    if (as === 'offline') this.meter.hostLost(this.terms.clock.now());
    else this.meter.gpuStops(this.terms.clock.now());
    this.terms.onChange(this);
  }

  /** A destroy was accepted; the instance leaves the list a while later. */
  destroy(): void {
    if (this.destroyAccepted) return;
    this.destroyAccepted = true;
    this.#destroyTimer = this.terms.clock.setTimeout(() => this.#gone(), this.terms.plan.destroyMs);
  }

  /** Takes effect on the machine 10–15 s later. */
  attachKey(key: string, delayMs: number): void {
    this.#keys.push(key);
    this.after(delayMs, () => {
      if (this.#container === 'there') void this.terms.host.attachKey(this.instanceId, key);
    });
  }

  close(): void {
    this.terms.clock.clearTimeout(this.#destroyTimer);
    this.#clearTimers();
  }

  #clearTimers(): void {
    for (const timer of this.#timers) this.terms.clock.clearTimeout(timer);
    this.#timers.clear();
  }

  #created(): void {
    this.actualStatus = 'created';
    this.terms.onStir('status');
    this.after(this.terms.plan.loadingAfterMs, () => this.#loading());
  }

  #loading(): void {
    const { plan, imageGb, clock, order } = this.terms;
    this.actualStatus = 'loading';
    this.terms.onStir('status');
    if (plan.end === 'imageMissing') {
      this.statusMsg = `Error response from daemon: manifest for ${order.image} not found: manifest unknown: manifest unknown`;
      return;
    }
    this.statusMsg = plan.imageCached
      ? `Status: Image is up to date for ${order.image}`
      : `latest: Pulling from ${order.image}`;
    if (!plan.imageCached) this.meter.pullBegins(clock.now(), plan.pullMs, imageGb);
    if (plan.end === 'neverBoots') return;
    this.after(plan.pullMs, () => {
      this.statusMsg = `Status: Downloaded newer image for ${order.image}`;
    });
    this.after(plan.pullMs + plan.extractMs, () => this.#startContainer());
  }

  #startContainer(): void {
    const { plan, order } = this.terms;
    // Without an sshd `onstart` takes the place of the entrypoint, so a line of shell is no program.
    if (
      plan.end === 'ociFails' ||
      (!order.withSsh && order.onstart !== '' && !order.onstart.startsWith('/'))
    ) {
      this.actualStatus = 'created';
      this.terms.onStir('status');
      this.statusMsg =
        'Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: no such file or directory: unknown';
      return;
    }
    this.#container = 'starting';
    this.terms.host.start(this.#spec()).then(
      (endpoints) => this.#running(endpoints),
      () => {
        this.#container = 'none';
        this.statusMsg = `Error response from daemon: No such container: C.${this.instanceId}`;
        this.terms.onStir('status');
      },
    );
  }

  #running(endpoints: MachineEndpoints): void {
    if (this.#container === 'gone') {
      void this.#stopContainer();
      return;
    }
    this.#container = 'there';
    this.endpoints = endpoints;
    this.actualStatus = 'running';
    this.statusMsg = `success, running ${this.terms.order.image}/ssh`;
    this.runningAt = this.terms.clock.now();
    this.meter.gpuStarts(this.runningAt);
    const { loss } = this.terms.plan;
    if (loss) this.after(loss.afterMs, () => this.lose(loss.as));
    this.terms.onRunning(this);
    this.terms.onChange(this);
  }

  #gone(): void {
    this.#halt();
    this.destroyedAt = this.terms.clock.now();
    this.meter.end(this.destroyedAt);
    this.terms.onChange(this);
  }

  /** Ends the boot in progress and the container, if there is one. A destroy under way goes on. */
  #halt(): void {
    const wasThere = this.#container === 'there';
    if (this.#container !== 'none') this.#container = 'gone';
    this.#clearTimers();
    if (wasThere) void this.#stopContainer();
  }

  async #stopContainer(): Promise<void> {
    const books = await this.terms.host.stop(this.instanceId);
    const usd = this.meter.containerTraffic(books?.downloadedGb ?? 0, books?.uploadedGb ?? 0);
    if (this.destroyedAt !== null) this.terms.onLateTraffic(usd);
  }

  #spec(): MachineSpec {
    const { instanceId, containerApiKey, order, offer } = this.terms;
    const asked = publishedPorts(order.env).map(({ port }) => port);
    return {
      instanceId,
      containerApiKey,
      label: this.label,
      image: order.image,
      gpuName: offer.gpu_name,
      gpuCount: offer.num_gpus,
      gpuRamMb: offer.gpu_ram,
      inetDownMbps: offer.inet_down,
      env: variables(order.env),
      onstart: order.onstart,
      authorizedKeys: [...this.#keys],
      publishedPorts: [...new Set(order.withSsh ? [8080, ...asked] : asked)],
    };
  }
}
