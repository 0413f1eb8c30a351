/** The real ElizaOS server takes 1,000 requests from an address in 15 minutes; all of 127.0.0.0/8 is loopback. */

let taken = 0;

/** Another address each time; undefined where a system has only 127.0.0.1. */
export function nextLoopbackAddress(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  taken += 1;
  return `127.1.${Math.floor(taken / 250) % 250}.${1 + (taken % 250)}`;
}
