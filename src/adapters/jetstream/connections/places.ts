/** So many at once; the others wait for their turn, in the order in which they came, and not for ever. */
export interface Places {
  readonly waiting: number;
  /** True: there is a place, which is left by leave(). False: too many wait, or it took too long. */
  enter(): Promise<boolean>;
  leave(): void;
}

interface Bounds {
  /** As it is now: it may change from call to call. */
  readonly atOnceMax: () => number;
  readonly waitingMax: number;
  readonly waitMsMax: number;
}

export function openPlaces({ atOnceMax, waitingMax, waitMsMax }: Bounds): Places {
  let taken = 0;
  /** Oldest first. */
  const waiting = new Set<(hasPlace: boolean) => void>();

  return {
    get waiting() {
      return waiting.size;
    },
    enter() {
      if (taken < atOnceMax()) {
        taken += 1;
        return Promise.resolve(true);
      }
      if (waiting.size >= waitingMax) return Promise.resolve(false);
      return new Promise((resolve) => {
        const answer = (hasPlace: boolean): void => {
          clearTimeout(timer);
          waiting.delete(answer);
          resolve(hasPlace);
        };
        const timer = setTimeout(answer, waitMsMax, false);
        waiting.add(answer);
      });
    },
    leave() {
      taken -= 1;
      // Places go on to whoever waited longest.
      for (const next of waiting) {
        if (taken >= atOnceMax()) return;
        taken += 1;
        next(true);
      }
    },
  };
}
