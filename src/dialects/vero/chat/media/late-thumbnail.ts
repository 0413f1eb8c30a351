/** A thumbnail that comes later than the message: its readers hear of it as of a file that joins it. */
import { limits } from '../../../../domain/limits.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { MediaPlace, MediaRecord } from '../../../../ports/media.ts';
import type { ChatDeps } from '../chat-deps.ts';
import type { Caller } from '../entered.ts';
import { toAttached } from './attached-media.ts';

type Deps = Pick<ChatDeps, 'bus' | 'clock' | 'uploads'>;

/** Resolves when it is told, or there is nothing to tell; never rejects, because nobody waits for it. */
export async function tellLateThumbnail(deps: Deps, caller: Caller, media: MediaRecord): Promise<void> {
  try {
    const late = await deps.uploads.lateThumbnail(media);
    if (late !== null && late.place !== null) await tell(deps, caller, late, late.place);
  } catch {
    // GET shows it all the same.
  }
}

/** A message may be on its way just now: its file is attached before it is posted. */
async function tell(
  { bus, clock }: Deps,
  { principal, env }: Caller,
  late: MediaRecord,
  { conversation, message }: MediaPlace,
): Promise<void> {
  const command = { op: 'attach', message, media: [toAttached(late)] } as const;
  for (let tries = 1; tries <= limits.thumbnailTellTriesMax; tries += 1) {
    const outcome = await bus.dispatch(principal, command, bus.context(conversation, { env }));
    if (!(outcome instanceof Problem) || outcome.code !== 'not_found') return;
    await new Promise<void>((resolve) => void clock.after(limits.thumbnailTellPauseMs, resolve));
  }
}
