/**
 * The projector of a node: it takes its share of the partitions, and stands aside while another process rebuilds the
 * projection: a batch that was taken before the tables were emptied must not arrive after it.
 *
 *   projecting --told to pause--> closing -> paused --told to resume, or not told for a while--> opening -> projecting
 */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import { openProjector, type Projector, type ProjectorParts } from './projector.ts';
import { ProjectorShare } from './projector-share.ts';

const pauseKind = 'projection.pause';
const resumeKind = 'projection.resume';
const projectingVerb = 'projecting';

export type NodeProjector = Pick<Projector, 'lag' | 'close'>;

/** Starts to project, unless and until somebody rebuilds. Rejects when a partition cannot be consumed. */
export async function openNodeProjector(parts: ProjectorParts, link: NodeLink): Promise<NodeProjector> {
  const { feed, clock, logger } = parts;
  let projector: Projector | null = null;
  const share = new ProjectorShare({
    ...{ link, clock, partitions: feed.partitions },
    open: () => projector?.open() ?? [],
    onLook: () => void (projector === null ? undefined : look()),
  });
  try {
    projector = await openProjector(parts, share.mine());
  } catch (error) {
    share.leave();
    throw error;
  }
  let pausedUntilMs = 0;
  let isClosed = false;
  let turn: Promise<void> = Promise.resolve();
  /** The look that waits for the one under way. It sees what is then, so one is enough however many ask. */
  let next: Promise<void> | null = null;
  let cancelLook: () => void = () => undefined;

  /** Brings what is to what should be; one at a time. */
  async function settle(): Promise<void> {
    const restMs = pausedUntilMs - clock.monotonicMs();
    const isWanted = !isClosed && restMs <= 0;
    if (!isWanted && projector !== null) {
      // It counts as projecting until its last batch is written.
      await projector.close();
      projector = null;
      if (!isClosed) logger.info({}, 'The projector stands aside for a rebuild');
    } else if (isWanted && projector === null) {
      projector = await openProjector(parts, share.mine()).catch((error: unknown) => {
        logger.warn({ error }, 'The projector could not start again yet');
        return null;
      });
    } else if (projector !== null) {
      await projector.offer(share.mine());
    }
    cancelLook();
    if (!isClosed && projector === null) {
      cancelLook = clock.after(Math.max(restMs, limits.projectionResumeRetryMs), look);
    }
  }

  function look(): Promise<void> {
    next ??= turn
      .then(() => {
        next = null;
        return settle();
      })
      .catch((error: unknown) => {
        logger.error({ error }, 'The projector could not be brought to where it should be');
      });
    turn = next;
    return next;
  }

  link.onTell(pauseKind, () => {
    pausedUntilMs = clock.monotonicMs() + limits.projectionPauseMs;
    void look();
  });
  link.onTell(resumeKind, () => {
    pausedUntilMs = 0;
    void look();
  });
  link.onAsk(projectingVerb, async () => projector !== null);
  void look(); // others may have been heard of meanwhile
  return {
    lag: () => feed.lag(),
    close() {
      isClosed = true;
      share.leave();
      return look();
    },
  };
}

/**
 * Asks all nodes to stand aside, and resolves when none projects: with the function that lets them go on.
 * They also go on by themselves limits.projectionPauseMs after this process ended. A Problem when one does
 * not stop, or somebody else rebuilds.
 */
export async function pauseProjectors(link: NodeLink, clock: Clock): Promise<(() => void) | Problem> {
  link.onAsk(projectingVerb, async () => true);
  let cancel: () => void = () => undefined;
  const tell = (): void => {
    link.tell(pauseKind, {});
    cancel = clock.after(limits.projectionPauseMs / 4, tell);
  };
  const resume = (): void => {
    cancel();
    link.tell(resumeKind, {});
  };
  tell();
  const deadlineMs = clock.monotonicMs() + limits.projectionPauseWaitMs;
  while (await link.askAny(projectingVerb, {}, limits.projectionAskMs)) {
    if (clock.monotonicMs() > deadlineMs) {
      resume();
      return new Problem('conflict', 'A node does not stop projecting, or another rebuild is running.');
    }
    await new Promise<void>((resolve) => void clock.after(limits.projectionAskMs / 4, resolve));
  }
  return resume;
}
