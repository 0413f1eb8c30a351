import type { Event } from '../../domain/event.ts';

/** Which events are asked for. */
export interface EventBounds {
  /** The first position. */
  readonly from: number;
  /** The last position. */
  readonly to?: number;
  readonly since?: Date;
  /** Without this moment. */
  readonly until?: Date;
  readonly types?: readonly string[];
}

export function isWithin(event: Pick<Event, 'position' | 'at' | 'type'>, bounds: EventBounds): boolean {
  const { from, to = Number.POSITIVE_INFINITY, since, until, types } = bounds;
  if (event.position < from || event.position > to) return false;
  if (types !== undefined && !types.includes(event.type)) return false;
  const atMs = Date.parse(event.at);
  return (since === undefined || atMs >= since.getTime()) && (until === undefined || atMs < until.getTime());
}
