/** An event of the usual size, in the shape of native.md: what references carry where Parley carries one. */

/** Fifteen words, as in measured.md. */
export const usualText =
  'the quick brown agent reads the log and answers the question before anyone else can';

/** About 430 bytes. */
export function eventJson(position: number, content = usualText): string {
  return JSON.stringify({
    v: 1,
    id: '019a9b0e-6f2a-7c11-8a53-0f1e2d3c4b5a',
    conversation: '019a9b0e-6f2a-7c11-8a53-5a4b3c2d1e0f',
    position,
    seq: position,
    type: 'message.posted',
    at: '2025-11-20T10:00:00.000000Z',
    actor: { id: '019a9b0e-0000-7c11-8a53-5a4b3c2d1e0f', kind: 'agent' },
    data: {
      message_id: '019a9b0e-6f2a-7c11-8a53-0f1e2d3c4b5a',
      content,
      content_type: 'text',
      reply_to: null,
      priority: 'normal',
      interruptible: true,
      metadata: {},
    },
  });
}
