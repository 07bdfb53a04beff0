import type { JournalEntry } from '../runtime/interface.ts';
import type { SeenBlock } from '../sandbox/block-watch.ts';
import type { TextSink } from './command.ts';
import { createNarrator } from './narrator.ts';
import type { Paint } from './paint.ts';

export interface MoneyAndWork {
  readonly machines: number;
  readonly costUsd: number;
  readonly noncesAccepted: number;
}

const phaseTexts: Readonly<Record<string, string>> = {
  Inference: 'inference phase',
  PoCGenerate: 'PoC: nodes generate nonces',
  PoCGenerateWindDown: 'PoC: generation winds down',
  PoCValidate: 'PoC: nodes validate each other',
  PoCValidateWindDown: 'PoC: validation winds down',
};

/** Tells a run to a person: one line an event, and on a terminal a line below that moves with the chain. */
export class DemoStory {
  readonly #sink: TextSink;
  readonly #paint: Paint;
  readonly #tell = createNarrator();
  #block: SeenBlock | undefined;
  #money: MoneyAndWork = { machines: 0, costUsd: 0, noncesAccepted: 0 };
  #shown = 0;

  constructor(sink: TextSink, paint: Paint) {
    this.#sink = sink;
    this.#paint = paint;
  }

  line(text: string): void {
    this.#wipe();
    this.#sink.write(`${this.#stamp()}${text}\n`);
    this.#progress();
  }

  block(block: SeenBlock): void {
    const isNewPhase = this.#block?.phase !== block.phase;
    this.#block = block;
    if (isNewPhase) this.line(this.#paint.bold(phaseTexts[block.phase] ?? block.phase) + this.#figures());
    else this.#progress();
  }

  money(money: MoneyAndWork): void {
    this.#money = money;
  }

  journal(entry: Pick<JournalEntry, 'rowId' | 'chart' | 'event' | 'value'>): void {
    const sentence = this.#tell(entry);
    if (sentence === null) return;
    const text = `${this.#paint.cyan(sentence.subject)} ${sentence.text}`;
    this.line(sentence.isBad ? this.#paint.yellow(text) : text);
  }

  end(): void {
    this.#wipe();
  }

  #stamp(): string {
    const height = this.#block === undefined ? '' : this.#block.height.toLocaleString('en-US');
    return this.#paint.dim(`${height.padStart(11)}  `);
  }

  #figures(): string {
    const { machines, costUsd, noncesAccepted } = this.#money;
    return this.#paint.dim(
      ` (${noncesAccepted} nonces accepted, ${machines} machine(s) held, $${costUsd.toFixed(4)} spent)`,
    );
  }

  #progress(): void {
    if (this.#sink.isTTY !== true || this.#block === undefined) return;
    this.#wipe();
    const { height, pocStart, validationEnd, nextPocStart } = this.#block;
    const isInPoc = height >= pocStart && height < validationEnd;
    const [from, to] = isInPoc ? [pocStart, validationEnd] : [Math.min(height, validationEnd), nextPocStart];
    const share = Math.max(0, Math.min(1, (height - from) / Math.max(1, to - from)));
    const bar = '█'.repeat(Math.round(20 * share)).padEnd(20, '░');
    const goal = isInPoc ? 'to the end of PoC' : 'to the next PoC';
    const { machines, costUsd, noncesAccepted } = this.#money;
    const text = `${bar} ${to - height} blocks ${goal}  ${machines} machine(s)  ${noncesAccepted} nonces  $${costUsd.toFixed(4)}`;
    this.#shown = text.length;
    this.#sink.write(text.slice(0, (this.#sink.columns ?? 100) - 1));
  }

  #wipe(): void {
    if (this.#shown > 0) this.#sink.write('\r\u001b[K');
    this.#shown = 0;
  }
}
