/** Carries a failed check from a socket's callback to whoever waits for the scenario. */
export class Alarm {
  #ring: (error: unknown) => void = () => undefined;
  readonly #rang: Promise<never>;

  constructor() {
    this.#rang = new Promise<never>((_, reject) => {
      this.#ring = reject;
    });
    this.#rang.catch(() => undefined); // a ring after the scenario's end concerns nobody
  }

  ring(error: unknown): void {
    this.#ring(error);
  }

  /** `work`, or the first ring. */
  guard<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#rang]);
  }
}
