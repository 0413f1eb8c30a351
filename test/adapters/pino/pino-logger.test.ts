import t from 'tap';
import { type LogLevel, openLogger } from '../../../src/adapters/pino/pino-logger.ts';
import type { Logger } from '../../../src/ports/logger.ts';

function open(level: LogLevel = 'debug'): { log: Logger; lines: () => Record<string, unknown>[] } {
  const written: string[] = [];
  const to = { write: (line: string) => void written.push(line) };
  const log = openLogger({ level, to, fields: { node: 'n1' } });
  return { log, lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

t.test('a line is JSON with a constant message and facts as fields', async (t) => {
  const { log, lines } = open();
  log.child({ tenant: 't1' }).info({ conversation: 'c1', position: 7 }, 'appended');
  t.match(lines(), [
    {
      level: 'info',
      node: 'n1',
      tenant: 't1',
      conversation: 'c1',
      position: 7,
      message: 'appended',
      time: /^\d{4}-.*Z$/,
    },
  ]);
});

t.test('lines below the level are not written', async (t) => {
  const { log, lines } = open('warn');
  log.debug({}, 'no');
  log.info({}, 'no');
  log.warn({}, 'yes');
  log.error({}, 'yes');
  t.equal(lines().length, 2);
});

t.test('tokens, keys, passwords and content are never written', async (t) => {
  const { log, lines } = open();
  log.info(
    { authorization: 'Bearer abc', headers: { cookie: 'abc', authorization: 'abc' }, token: 'abc' },
    'a',
  );
  log.info({ body: { password: 'abc', content: 'abc' }, apiKey: 'abc' }, 'b');
  log.child({ refresh_token: 'abc' }).info({}, 'c');
  log.error({ err: new Error('cannot reach postgres://user:abc@host/db with Bearer abc') }, 'd');
  log.error({ err: Object.assign(new Error('x'), { code: 'E1', parameters: ['abc'] }) }, 'e');
  t.notMatch(JSON.stringify(lines()), /abc/);
  t.match(lines()[4], { err: { type: 'Error', code: 'E1', message: 'x', stack: /Error: x/ } });
});

t.test('an error that is none does not break the line', async (t) => {
  const { log, lines } = open();
  log.error({ err: 'a text' }, 'thrown');
  log.error({ err: null }, 'thrown');
  log.error({ err: undefined }, 'thrown');
  t.equal(lines().length, 3);
});
