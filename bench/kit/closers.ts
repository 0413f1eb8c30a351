/** What a bench started, ended in reverse order: at its end, on failure and on Ctrl-C. */
export type Close = () => Promise<unknown> | unknown;

export class Closers {
  readonly #closes: Close[] = [];
  #closing: Promise<void> | undefined;

  /** Registers an end; one that comes when all is ending is ended with the rest. */
  add(close: Close): void {
    this.#closes.push(close);
    if (this.#closing !== undefined) this.#closing = this.#closing.then(() => this.#run());
  }

  get isClosing(): boolean {
    return this.#closing !== undefined;
  }

  /** Ends everything, newest first; a failed end is told and does not stop the others. May be called again. */
  closeAll(): Promise<void> {
    this.#closing ??= this.#run();
    return this.#closing;
  }

  async #run(): Promise<void> {
    for (let close = this.#closes.pop(); close !== undefined; close = this.#closes.pop()) {
      try {
        await close();
      } catch (error) {
        console.error('could not end something a bench started:', error);
      }
    }
  }
}
