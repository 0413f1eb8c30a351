/** The tables of refusals, closes, rates and bounds. */
import { rates } from '../../../domain/limiting/rates.ts';
import { limits } from '../../../domain/limits.ts';
import { closes, problems } from '../../../domain/problem.ts';
import { type Section, table, text } from './reference.ts';

const again = { never: 'no', later: 'later (`Retry-After`)', changed: 'after changing it' } as const;

export function boundsSections(): readonly Section[] {
  return [
    {
      id: 'problems',
      title: 'Problems',
      blocks: [
        text('Each API words these in its own bodies; NATS and the native socket use the codes as they are.'),
        table(
          ['code', 'HTTP', 'sentence', 'the same again?'],
          Object.entries(problems).map(([code, { status, sentence, retry }]) => [
            `\`${code}\``,
            String(status),
            sentence,
            again[retry],
          ]),
        ),
        text('A socket ends with one of these codes:'),
        table(
          ['close', 'reason', 'connect again?'],
          Object.entries(closes).map(([reason, { code, reconnect }]) => [
            String(code),
            `\`${reason}\``,
            reconnect ? 'yes' : 'after fixing the cause',
          ]),
        ),
      ],
      entries: [],
    },
    {
      id: 'limits',
      title: 'Limits',
      blocks: [
        table(
          ['what', 'at most'],
          bounds.map(([what, most]) => [what, String(most)]),
        ),
        text('Rates, for each node; beyond them 429 with `Retry-After`:'),
        table(
          ['class', 'of one principal: a second', 'at once', 'of one address: a second', 'at once'],
          Object.entries(rates).map(([name, { principal, address }]) => [
            `\`${name}\``,
            ...[principal.perSecond, principal.burst, address.perSecond, address.burst].map(String),
          ]),
        ),
      ],
      entries: [],
    },
  ];
}

const bounds: readonly (readonly [what: string, most: number])[] = [
  ['Bytes of a message', limits.contentBytesMax],
  ['Bytes of metadata', limits.metadataBytesMax],
  ['Bytes of a request body', limits.bodyBytesMax],
  ['Bytes of a frame', limits.frameBytesMax],
  ['Depth of JSON', limits.jsonDepthMax],
  ['Characters of a client id', limits.clientIdCharsMax],
  ['Characters of a name', limits.nameCharsMax],
  ['Participants of a conversation', limits.participantsMax],
  ['Entries of a page of history', limits.historyPageMax],
  ['Entries of a page of a list', limits.listPageMax],
  ['Conversations that one socket has open', limits.openConversationsPerSocketMax],
  ['Conversations of a tenant, unless changed', limits.tenantConversations],
  ['Messages a second of a tenant on each node, unless changed', limits.tenantMessagesPerSecond],
];
