/** Uploads that nobody confirmed in time, and files of deleted messages, are deleted, on any node, so many at once. */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { MediaBlobs, MediaStore } from '../../ports/media.ts';
import { regularly } from '../regularly.ts';

export interface SweepDeps {
  readonly store: Pick<MediaStore, 'expire' | 'forget'>;
  readonly blobs: Pick<MediaBlobs, 'delete' | 'sweep'>;
  readonly clock: Clock;
}

/** Answers how many are gone. What cannot be deleted now is tried again by the next sweep. */
export async function sweepUploads({ store, blobs, clock }: SweepDeps): Promise<number> {
  // As long again as its URL counted: what began in time may still come in, and who copies a file is done by then.
  const before = clock.nowMicros() - limits.mediaUploadMs * 1000;
  await blobs.sweep(before, limits.mediaSweepMax);
  const late = await store.expire(before, limits.mediaSweepMax);
  if (late instanceof Problem || late.length === 0) return 0;
  const gone = [];
  for (const one of late) {
    let refused: Problem | null = null;
    for (const blob of one.blobs) refused ??= await blobs.delete(blob);
    if (refused === null) gone.push(one);
  }
  await store.forget(gone);
  return gone.length;
}

/** Sweeps again and again; the returned function ends that. */
export function sweepRegularly(deps: SweepDeps): () => Promise<void> {
  return regularly(deps.clock, limits.mediaSweepMs, () => sweepUploads(deps));
}
