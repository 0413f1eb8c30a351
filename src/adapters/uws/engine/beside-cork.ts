import type { HttpResponse } from 'uWebSockets.js';

export interface Corkable {
  cork(work: () => void): unknown;
}

/**
 * A late upgrade never runs in a cork that its own response holds: when it leaves the socket where it lies in
 * memory, the end of that cork goes on with it as with an HTTP response, and closes it now and then (one in
 * four of a process' first). While another socket is corked, cork() of the response only runs what it is
 * given. Without any other socket it runs outside of a cork: that is right, too, but warned about on stderr.
 */
export function besideCork(other: Corkable | undefined, response: HttpResponse, run: () => void): void {
  if (other === undefined) run();
  else other.cork(() => void response.cork(run));
}
