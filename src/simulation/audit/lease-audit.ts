import type { LeaseContext, LeaseInput } from '../../machines/lease-context.ts';
import type { JournalEntry } from '../../runtime/interface.ts';
import type { ChainWorld } from '../../world/chain/chain-world.ts';
import type { Rental } from '../../world/vast/rental.ts';
import type { VastWorld } from '../../world/vast/vast-world.ts';
import type { RowBook } from './row-book.ts';
import { releaseTailMs } from './release-tail.ts';
import type { Violations } from './violation.ts';

export interface LeaseAuditOptions {
  readonly violations: Violations;
  readonly rows: RowBook;
  readonly vast: VastWorld;
  readonly chain: ChainWorld;
  /** False while something may make a sound machine look lost: then a loss is believed. */
  isCalm(): boolean;
}

/** In these states a lease wants its machine; in the others the machine is on its way out. */
const wanted = /^(intended|creating|lookingUp|loading|connecting|starting|loadingModel|qualifying|held)/;

/** Machines and the leases that answer for them: I1, I2, I4, I6, and what leaked. */
export class LeaseAudit {
  readonly #options: LeaseAuditOptions;
  readonly #owners = new Map<string, string>();
  readonly #states = new Map<string, string>();
  /** Since when a lease that wants its machine no more has been on its way out. */
  readonly #leaving = new Map<string, number>();
  /** Since when a live machine has been known to no open lease. */
  readonly #orphans = new Map<Rental, number>();
  /** Seconds from a running container to a machine that is held. */
  readonly bootSeconds: number[] = [];
  duplicateCreates = 0;
  earlyReleases = 0;
  leakedSecondsMax = 0;

  constructor(options: LeaseAuditOptions) {
    this.#options = options;
  }

  /** A create has reached the provider; called before it is answered. */
  creating(label: string): void {
    const { violations, rows, vast } = this.#options;
    const leaseId = leaseIdOf(label);
    if (!rows.isOpen(`lease:${leaseId}`))
      violations.report('I1', `a machine is rented under ${label}, and no open lease has that label`);
    const rivals = vast.liveRentals.filter((rental) => this.#isDouble(rental, label));
    if (rivals.length > 0) {
      this.duplicateCreates += 1;
      const ids = rivals.map((rental) => rental.instanceId).join(', ');
      violations.report('I4', `${label} is rented although instance ${ids} is there for the same place`);
    }
    this.#judgeCrew(leaseId, label);
  }

  /** I4: no more machines at once than the plan allows; one that is being returned is a replacement's overlap. */
  #judgeCrew(leaseId: string, label: string): void {
    const { violations, rows, vast } = this.#options;
    const owner = this.#owners.get(leaseId) ?? '';
    const crewMax = rows.epoch(owner)?.plan.crewMax;
    if (crewMax === undefined) return;
    const live = vast.liveRentals.filter((rental) => this.#isWanted(rental, owner));
    if (live.length < crewMax) return;
    this.duplicateCreates += 1;
    violations.report(
      'I4',
      `${label} is rented although ${live.length} machines are there for ${owner}, whose plan allows ${crewMax}`,
    );
  }

  #isWanted(rental: Rental, owner: string): boolean {
    const leaseId = leaseIdOf(rental.label);
    return this.#owners.get(leaseId) === owner && wanted.test(this.#states.get(leaseId) ?? 'gone');
  }

  /** Ids of live machines that no open lease wants: unknown, or on their way out for longer than a release takes. */
  leakedAt(atMs: number): ReadonlySet<number> {
    const isLeaked = (rental: Rental): boolean =>
      this.#orphans.has(rental) ||
      atMs - (this.#leaving.get(leaseIdOf(rental.label)) ?? atMs) > releaseTailMs;
    return new Set(this.#options.vast.liveRentals.filter(isLeaked).map(({ instanceId }) => instanceId));
  }

  onStep(entry: JournalEntry, atMs: number): void {
    if (entry.chart === 'lease') this.#onLease(entry, atMs);
    this.lookForOrphans(atMs);
  }

  lookForOrphans(atMs: number): void {
    for (const rental of this.#options.vast.liveRentals) {
      const isKnown = this.#options.rows.isOpen(`lease:${leaseIdOf(rental.label)}`);
      if (isKnown) this.#orphans.delete(rental);
      else if (!this.#orphans.has(rental)) this.#orphans.set(rental, atMs);
    }
    for (const [rental, since] of this.#orphans) {
      const until = rental.destroyedAt ?? atMs;
      this.leakedSecondsMax = Math.max(this.leakedSecondsMax, (until - since) / 1_000);
      if (rental.destroyedAt !== null) this.#orphans.delete(rental);
    }
  }

  /** The same label twice, or a machine that its lease gave up without proof and that another now replaces. */
  #isDouble(rental: Rental, label: string): boolean {
    if (rental.label === label) return true;
    const owner = this.#owners.get(leaseIdOf(label));
    if (rental.destroyAccepted || this.#owners.get(leaseIdOf(rental.label)) !== owner) return false;
    return (this.#states.get(leaseIdOf(rental.label)) ?? 'gone') === 'gone';
  }

  #onLease(entry: JournalEntry, atMs: number): void {
    const leaseId = entry.rowId.slice('lease:'.length);
    const before = this.#states.get(leaseId) ?? '';
    const after = stateName(entry.value);
    if (after === 'gone') this.#states.delete(leaseId);
    else this.#states.set(leaseId, after);
    if (after === 'gone' || wanted.test(after)) this.#leaving.delete(leaseId);
    else if (!this.#leaving.has(leaseId)) this.#leaving.set(leaseId, atMs);
    if (entry.event.type === 'xstate.init')
      this.#owners.set(leaseId, (entry.event['input'] as LeaseInput).owner);
    if (entry.event.type === 'LEASE.HANDED_OVER') this.#owners.set(leaseId, String(entry.event['owner']));
    const isBooted = after === 'held' && before !== 'held';
    const isReleased = after === 'releasing' && before === 'held';
    if (!isBooted && !isReleased && after !== 'gone') return;
    const context = this.#options.rows.lease(entry.rowId);
    if (context === undefined) return;
    if (isBooted) this.#noteBoot(context, atMs);
    if (isReleased) this.#judgeRelease(entry, context);
    if (after === 'gone') this.#judgeEnd(context);
  }

  #noteBoot(context: LeaseContext, atMs: number): void {
    const runningAt = this.#rental(context.instanceId)?.runningAt;
    if (typeof runningAt === 'number') this.bootSeconds.push((atMs - runningAt) / 1_000);
  }

  /** I6: between ready and its hold height a machine is released only if it is dead. */
  #judgeRelease(entry: JournalEntry, context: LeaseContext): void {
    const { chain, rows, violations } = this.#options;
    const plan = rows.epoch(context.owner)?.plan;
    if (plan === undefined || chain.height >= plan.holdUntilHeight) return;
    if (this.#isSurplus(context, plan.width)) return;
    if (entry.event.type !== 'LEASE.RELEASE_ASKED' && !this.#isSound(context)) return;
    this.earlyReleases += 1;
    violations.report(
      'I6',
      `lease ${context.leaseId} is released at height ${chain.height} (${entry.event.type}), its plan holds it until ${plan.holdUntilHeight}`,
    );
  }

  /** As many others as are wanted are there: it came too late, or nobody needs it any more. */
  #isSurplus({ leaseId, owner }: LeaseContext, width: number): boolean {
    const others = [...this.#states].filter(
      ([id, state]) => id !== leaseId && state === 'held' && this.#owners.get(id) === owner,
    );
    return others.length >= width;
  }

  #isSound(context: LeaseContext): boolean {
    return this.#options.isCalm() && this.#rental(context.instanceId)?.actualStatus === 'running';
  }

  /** I2: gone is what is not there. */
  #judgeEnd(context: LeaseContext): void {
    if (context.instanceId === null || this.#rental(context.instanceId) === undefined) return;
    this.#options.violations.report(
      'I2',
      `lease ${context.leaseId} is gone, and its instance ${context.instanceId} is still there`,
    );
  }

  #rental(instanceId: number | null): Rental | undefined {
    return this.#options.vast.liveRentals.find((rental) => rental.instanceId === instanceId);
  }
}

/** `ghm:<deployment>:<lease>:<attempt>`. */
const leaseIdOf = (label: string): string => label.split(':')[2] ?? '';

const stateName = (value: unknown): string =>
  typeof value === 'string' ? value : (Object.keys(value ?? {})[0] ?? '');
