import type { JournalEntry } from '../../runtime/interface.ts';
import type { SqliteStore } from '../../runtime/sqlite-store.ts';
import type { InstanceBook, MachineBook } from '../../figures/books.ts';
import type { MicroUsd } from '../../units.ts';
import type { WorldRequest } from '../../world/exchange.ts';
import type { SimulatedTown } from '../town.ts';
import { LeaseAudit } from './lease-audit.ts';
import { MoneyAudit } from './money-audit.ts';
import { PocAudit, type PocBooks } from './poc-audit.ts';
import { RowBook } from './row-book.ts';
import { Violations } from './violation.ts';

export interface AuditorOptions {
  readonly store: SqliteStore;
  readonly town: SimulatedTown;
  readonly dailyCap: MicroUsd;
  /** `GPU_FLEET_WIDTH`. */
  readonly fleetWidth: number;
  now(): number;
  isCalm(): boolean;
}

/** Looks at every step and at every call that matters, from the rows and from the world's own truth. */
export class Auditor {
  readonly violations: Violations;
  readonly leases: LeaseAudit;
  readonly money: MoneyAudit;
  readonly pocs: PocAudit;
  readonly #options: AuditorOptions;
  /** Containers that have ended, until the PoC that they served is judged. */
  #ended: MachineBook[] = [];

  constructor(options: AuditorOptions) {
    const { store, town, dailyCap } = options;
    this.#options = options;
    this.violations = new Violations(() => options.now());
    const rows = new RowBook(store);
    const shared = { violations: this.violations, rows };
    this.leases = new LeaseAudit({
      ...shared,
      vast: town.vast,
      chain: town.chain,
      isCalm: () => options.isCalm(),
    });
    this.money = new MoneyAudit({ ...shared, dailyCap });
    this.pocs = new PocAudit(this.violations, options.fleetWidth);
  }

  onStep(entry: JournalEntry): void {
    this.violations.step = entry.seq;
    this.leases.onStep(entry, this.#options.now());
    this.money.onStep(entry);
  }

  /** A request has reached the provider. */
  onVastRequest({ method, path, body }: WorldRequest): void {
    if (method === 'PUT' && path.startsWith('/api/v0/asks/'))
      this.leases.creating((JSON.parse(body) as { label?: string }).label ?? '');
    const destroyed = method === 'DELETE' ? /^\/api\/v0\/instances\/(\d+)\//.exec(path)?.[1] : undefined;
    if (destroyed !== undefined) this.money.destroyAsked(Number(destroyed), this.#options.now());
  }

  onMachineEnded(books: MachineBook): void {
    this.#ended.push(books);
  }

  closePoc(pocStartHeight: number): void {
    const { town } = this.#options;
    const running = town.host.booksNow() as unknown as readonly MachineBook[];
    const machines = [...this.#ended, ...running];
    for (const height of [pocStartHeight, ...town.networkNode.confirmationHeights(pocStartHeight)])
      this.pocs.close(height, machines, town.networkNode.booksOf(height) as unknown as PocBooks);
    this.#ended = [];
    this.leases.lookForOrphans(this.#options.now());
  }

  /**
   * Ids of instances that nobody is meant to pay for any more. At the end of a run none is, unless it may be that the
   * next PoC is near or that machines are kept: then those that an open lease wants.
   */
  leakedAt(nowMs: number, mayBeWanted: boolean): ReadonlySet<number> {
    if (mayBeWanted) return this.leases.leakedAt(nowMs);
    return new Set(this.#options.town.vast.liveRentals.map(({ instanceId }) => instanceId));
  }

  /** Instances as the provider's books have them. */
  get instances(): readonly InstanceBook[] {
    return this.#options.town.vast.books()['instances'] as readonly InstanceBook[];
  }
}
