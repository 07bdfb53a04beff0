/** Commands that may wait for one node; a further one is lost until the next reconcile. */
const queueLimit = 10;

/** Runs the commands of one node strictly one after the other. */
export class NodeWorker {
  readonly #queue: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;

  /** False when the queue is full. `command` must not throw. */
  enqueue(command: () => Promise<void>): boolean {
    if (this.#queue.length >= queueLimit) return false;
    this.#queue.push(command);
    this.#running ??= this.#drain();
    return true;
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    for (let command = this.#queue.shift(); command !== undefined; command = this.#queue.shift()) {
      await command();
    }
    this.#running = undefined;
  }
}
