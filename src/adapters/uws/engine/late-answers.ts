/** A handshake that waits for answers: its response may be touched only while its client is there. */
import type { HttpResponse } from 'uWebSockets.js';
import { besideCork, type Corkable } from './beside-cork.ts';

/** Goes on with an answer when it is there, if the client still is; an error of ours goes to `onError`. */
export type GoOnLater = <T>(asked: Promise<T>, goOn: (answer: T) => void) => void;

export function lateAnswers(
  response: HttpResponse,
  anySocket: () => Corkable | undefined,
  onError: (error: unknown) => void,
): GoOnLater {
  let isAborted = false;
  let isWatched = false;
  return (asked, goOn) => {
    // Of several callbacks only one is kept.
    if (!isWatched) {
      response.onAborted(() => {
        isAborted = true;
      });
    }
    isWatched = true;
    asked
      .then((answer) => {
        if (!isAborted) besideCork(anySocket(), response, () => goOn(answer));
      })
      .catch((error: unknown) => {
        if (!isAborted) onError(error);
      });
  };
}
