/**
 * Inference that the rented machine is answering at this moment. A PoC that starts breaks off what vLLM streams
 * (docs/reference/inference.md "The rented machine"): so it begins between two answers where it can.
 */
export class MachineAnswers {
  readonly #idle = new Set<() => void>();
  #underWay = 0;
  #holders = 0;

  /** An answer begins. The result is called when it is over, however often. */
  begin(): () => void {
    let isOver = false;
    this.#underWay += 1;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#underWay -= 1;
      if (this.#underWay > 0) return;
      for (const tell of this.#idle) tell();
      this.#idle.clear();
    };
  }

  /** None shall begin now. */
  get isHeldBack(): boolean {
    return this.#holders > 0;
  }

  /** Until the result is called none shall begin. */
  holdBack(): () => void {
    let isReleased = false;
    this.#holders += 1;
    return () => {
      if (!isReleased) this.#holders -= 1;
      isReleased = true;
    };
  }

  /** Resolves when none is under way; when the signal aborts, too. */
  over(signal: AbortSignal): Promise<void> {
    if (this.#underWay === 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        this.#idle.delete(finish);
        signal.removeEventListener('abort', finish);
        resolve();
      };
      this.#idle.add(finish);
      signal.addEventListener('abort', finish, { once: true });
    });
  }
}
