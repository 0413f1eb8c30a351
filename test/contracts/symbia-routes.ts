/** What the Symbia routes promise, over whatever server answers at `world.url`. */
import type { Test } from 'tap';
import { control } from './symbia/control.ts';
import { conversations } from './symbia/conversations.ts';
import { hostile } from './symbia/hostile.ts';
import { messages } from './symbia/messages.ts';
import { participants } from './symbia/participants.ts';
import { transport } from './symbia/transport.ts';
import type { SymbiaWorld } from './symbia/world.ts';

export { openSymbiaWorld, type SymbiaWorld } from './symbia/world.ts';

export function symbiaRoutes(t: Test, world: SymbiaWorld): void {
  conversations(t, world);
  participants(t, world);
  messages(t, world);
  control(t, world);
  hostile(t, world);
  transport(t, world);
}
