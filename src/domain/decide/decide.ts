/**
 * decide(state, command, facts) -> Decision | Problem. Pure: no clock, no randomness, no Node.
 *
 * Every Problem, `unchanged` included, is an opinion about one state; the caller confirms it at the
 * leader of the log before it answers (architecture.md §3). An `append` needs no confirmation: the
 * expectation of the append is its proof.
 */
import type { Command } from '../command.ts';
import type { Problem } from '../problem.ts';
import { decideControl } from './control.ts';
import { decideConversationDelete, decideCreate, decideUpdate } from './conversation.ts';
import type { Deciding, Decision } from './decision.ts';
import { decideAttach, decideDelete, decideEdit, decideReact } from './message.ts';
import { decideNotice } from './notice.ts';
import { decideAdd, decideAddSeveral, decideJoin, decideRemove, decideRole } from './participants.ts';
import { decidePost } from './post.ts';

export type { Deciding, Decision } from './decision.ts';

export function decide(command: Command, deciding: Deciding): Decision | Problem {
  switch (command.op) {
    case 'create':
      return decideCreate(command, deciding);
    case 'post':
      return decidePost(command, deciding);
    case 'edit':
      return decideEdit(command, deciding);
    case 'attach':
      return decideAttach(command, deciding);
    case 'delete':
      return decideDelete(command, deciding);
    case 'react':
      return decideReact(command, deciding);
    case 'control':
      return decideControl(command, deciding);
    case 'notice':
      return decideNotice(command, deciding);
    case 'participant.add':
      return decideAdd(command, deciding);
    case 'participants.add':
      return decideAddSeveral(command, deciding);
    case 'join':
      return decideJoin(deciding);
    case 'participant.remove':
      return decideRemove(command, deciding);
    case 'participant.role':
      return decideRole(command, deciding);
    case 'update':
      return decideUpdate(command, deciding);
    case 'conversation.delete':
      return decideConversationDelete(command, deciding);
  }
}
