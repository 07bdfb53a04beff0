import { HybridError, type ErrorCode, type RetryClass } from '../../src/errors.ts';
import type { Chart, OpenAlert, RowEvent } from '../../src/runtime/interface.ts';
import { Rig } from '../runtime/rig.ts';
import { settle } from '../../src/runtime/virtual-clock.ts';

/** One row of one chart in a real runtime; the test ends its work, passes its time and crashes it. */
export class OneRow<Context = unknown> {
  readonly rig: Rig;
  readonly #id: string;

  constructor(chart: Chart, actors: readonly string[], input: unknown = {}, id = 'row') {
    this.rig = new Rig({ chart }, { actors });
    this.#id = id;
    this.rig.runtime.open('chart', id, input);
  }

  /** State value as text: `pow.generating`; regions of a parallel chart as `asking.reading standing.stale`. */
  get state(): string {
    return pathsOf(this.rig.value(this.#id)).join(' ');
  }

  get context(): Context {
    return this.rig.runtime.row(this.#id)?.context as Context;
  }

  get isDone(): boolean {
    return this.rig.runtime.row(this.#id)?.status === 'done';
  }

  get alerts(): readonly OpenAlert['code'][] {
    return this.rig.runtime.alerts().map(({ code }) => code);
  }

  /** Name and input of the work that waits for its end. */
  get running(): { readonly actor: string; readonly input: unknown } | undefined {
    const run = this.#run();
    return run && { actor: run.call.intentId.split(':').at(-1) ?? '', input: run.call.input };
  }

  /** Intent of the running work: another one after the work was begun anew. */
  get intentId(): string | undefined {
    return this.#run()?.call.intentId;
  }

  /** Work that a step opened begins only after it. */
  async started(): Promise<this> {
    await settle();
    return this;
  }

  async send(event: RowEvent): Promise<void> {
    this.rig.runtime.send(this.#id, event);
    await settle();
  }

  async done(output: unknown = null): Promise<void> {
    await settle();
    await this.#mustRun().done(output);
  }

  async fail(code: ErrorCode, retryClass?: RetryClass): Promise<void> {
    await settle();
    const facts = { code, message: `${code} in a test` };
    await this.#mustRun().fail(new HybridError(facts, retryClass === undefined ? {} : { class: retryClass }));
  }

  /** The state lasts exactly so long. */
  async lasts(ms: number): Promise<boolean> {
    const { state } = this;
    const { intentId } = this;
    await this.rig.clock.advanceBy(ms - 1);
    if (this.state !== state || this.intentId !== intentId) return false;
    await this.rig.clock.advanceBy(1);
    return this.state !== state || this.intentId !== intentId;
  }

  #run() {
    const open = this.rig.runtime.row(this.#id)?.openIntents ?? [];
    return this.rig.runs.findLast(({ call }) => open.includes(call.intentId));
  }

  #mustRun() {
    const run = this.#run();
    if (run === undefined) throw new Error(`${this.#id} (${this.state}) runs nothing`);
    return run;
  }
}

function pathsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Object.entries(value ?? {}).flatMap(([key, inner]) => {
    const below = pathsOf(inner);
    return below.length === 0 ? [key] : below.map((path) => `${key}.${path}`);
  });
}
