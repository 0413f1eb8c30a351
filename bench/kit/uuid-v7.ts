import { randomBytes } from 'node:crypto';

const node = randomBytes(5).toString('hex');
let counter = 0;

/** A UUIDv7 as an SDK makes it for `client_id`: time first, unique in this process by a counter. */
export function uuidV7(): string {
  counter += 1;
  const time = Date.now().toString(16).padStart(12, '0');
  const count = counter.toString(16).padStart(8, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count.slice(0, 3)}-8${count.slice(3, 6)}-${count.slice(6)}${node}`;
}
