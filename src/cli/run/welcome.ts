/** What `parley dev` prints when it listens: all that a newcomer needs next, as lines that can be pasted. */
import type { Administrator } from './dev-administrator.ts';

export interface WelcomeFacts {
  /** `http://host:port`. */
  readonly url: string;
  /** With credentials: they are made for this machine and kept in the data directory. */
  readonly natsUrl: string;
  readonly dataDir: string;
  readonly administrator: Administrator;
}

export function welcome({ url, natsUrl, dataDir, administrator }: WelcomeFacts): string {
  const { email, password, isNew, path } = administrator;
  const login = isNew
    ? `${email}  ${password}  (printed once; kept in ${path})`
    : `${email}  (password: ${path})`;
  return `
Parley is running. Ctrl-C stops it; the data stays in ${dataDir}

  HTTP          ${url}   documents: ${url}/docs/openapi.json
  socket        ${url.replace(/^http/, 'ws')}/v1/socket   (subprotocol parley.v1)
  NATS          ${natsUrl}
  administrator ${login}

Paste these into another terminal: log in, make a conversation, post to it.

${curlLines(url, path).join('\n')}

The same from the command line, in this directory; tail shows in one terminal what send posts in another.

  ${parley} tail
  ${parley} send "hello"
`;
}

/** As it is called from the repository, where it is on nobody's PATH. */
const parley = 'node dist/src/main.js';

function curlLines(url: string, loginPath: string): readonly string[] {
  const json = `-H 'content-type: application/json'`;
  const bearer = `-H "authorization: Bearer $TOKEN"`;
  const pick = (field: string): string => `node -pe 'JSON.parse(require("fs").readFileSync(0)).${field}'`;
  return [
    `TOKEN=$(curl -s ${url}/auth/login ${json} -d '@${quoted(loginPath)}' | ${pick('access_token')})`,
    `CONVERSATION=$(curl -s ${url}/api/conversations ${json} ${bearer} -d '{"type":"group","name":"first"}' | ${pick('id')})`,
    `curl -s ${url}/api/conversations/$CONVERSATION/messages ${json} ${bearer} -d '{"content":"hello"}'`,
  ];
}

/** Inside single quotes of a shell. */
function quoted(text: string): string {
  return text.replaceAll("'", `'\\''`);
}
