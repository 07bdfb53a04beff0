import type { GatewayProcess, LoopDelay } from './gateway-process.ts';
import type { Row } from './result.ts';
import { spreadOf } from './statistics.ts';
import type { Subject } from './subject.ts';

/** Watches the gateway's event loop while the gateway, and not nginx, is measured. */
export class LoopWatch {
  readonly #gateway: GatewayProcess;
  readonly #delays: LoopDelay[] = [];

  constructor(gateway: GatewayProcess) {
    this.#gateway = gateway;
  }

  async during<Sample>(subject: Subject, measure: () => Promise<Sample>): Promise<Sample> {
    if (subject.name !== 'gateway') return measure();
    await this.#gateway.watchLoop();
    const sample = await measure();
    this.#delays.push(await this.#gateway.loopDelay());
    return sample;
  }

  /** Over all windows so far. */
  row(title: string, figure: string): Row {
    return { title, unit: 'ms', gateway: spreadOf(this.#delays.map(({ p999Ms }) => p999Ms)), figure };
  }
}
