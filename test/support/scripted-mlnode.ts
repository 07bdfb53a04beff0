import type { Mlnode, MlnodeAnswer, PocV2Status } from '../../src/adapters/mlnode/interface.ts';
import { HybridError } from '../../src/errors.ts';

/** An ML node on one machine that notes what is asked of it and answers as a test tells it. */
export class ScriptedMlnode {
  readonly calls: string[] = [];
  readonly bodies: string[] = [];
  /** True: the machine is not to be reached. */
  isAway = false;
  /** True: it never answers. */
  hangs = false;
  answers: Record<string, MlnodeAnswer[]> = {};
  status: PocV2Status | null = { status: 'IDLE', backEnds: [] };

  get mlnode(): Mlnode {
    return {
      pocV2: async (call: string, body: string) => {
        this.bodies.push(body);
        return this.#answer(call);
      },
      pocV2Result: async (id: string) => this.#answer(`result ${id}`),
      pocV2Status: async () => {
        await this.#reached('status');
        return this.status;
      },
    } as unknown as Mlnode;
  }

  async #answer(call: string): Promise<MlnodeAnswer> {
    await this.#reached(call);
    return this.answers[call]?.shift() ?? { status: 200, body: '{"status":"OK"}' };
  }

  async #reached(call: string): Promise<void> {
    this.calls.push(call);
    if (this.hangs) await new Promise(() => undefined);
    if (this.isAway) throw new HybridError({ code: 'MLNODE_UNREACHABLE', message: 'away' });
  }
}
