/** What lies where in the bucket. Ids of ours are all that keys are made of: nothing comes from outside. */

const ours = /^[0-9a-f-]{36}$/;

export const pendingPrefix = 'parley/pending/';
const blobPrefix = 'parley/blobs/';

/** Where an upload arrives. */
export function pendingKey(media: string): string {
  return pendingPrefix + checked(media);
}

export function blobKey(blob: string): string {
  return blobPrefix + checked(blob);
}

/** False for what somebody else put there: it is not ours to delete. */
export function isPendingKey(key: string): boolean {
  return key.startsWith(pendingPrefix) && ours.test(key.slice(pendingPrefix.length));
}

function checked(id: string): string {
  if (!ours.test(id)) throw new Error('A key of the store is an id of ours');
  return id;
}
