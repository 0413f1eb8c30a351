/** What agents remember, and where (eliza.md §4, Memory and rooms). */
import type { Operation } from '../../../contract/operation.ts';
import type { ElizaDeps } from '../deps.ts';
import { groupRoutes } from './group-routes.ts';
import { memoryChangeRoutes } from './memory-change-routes.ts';
import { memoryRoutesOf } from './memory-routes.ts';
import { RoomFinder } from './room.ts';
import { roomRoutes } from './room-routes.ts';

export function memoryRoutes(deps: ElizaDeps): readonly Operation[] {
  const withRooms = { ...deps, rooms: new RoomFinder(deps) };
  const memories = [...memoryRoutesOf(withRooms), ...memoryChangeRoutes(deps)];
  return [...roomRoutes(withRooms), ...memories, ...groupRoutes(deps)];
}
