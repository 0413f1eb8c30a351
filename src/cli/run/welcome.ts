/** What `parley dev` prints when it listens: all that a newcomer needs next, as lines that can be pasted. */
import { resolve } from 'node:path';
import type { Calling } from './calling.ts';
import type { Administrator } from './dev-administrator.ts';

export interface WelcomeFacts {
  /** `http://host:port`. */
  readonly url: string;
  /** Where services connect with their own tokens. */
  readonly natsUrl: string;
  /** False for a nats-server of the environment that does not ask us who a client is. */
  readonly hasNatsDoor: boolean;
  readonly dataDir: string;
  readonly administrator: Administrator;
  readonly calling: Calling;
}

export function welcome(facts: WelcomeFacts): string {
  const { url, natsUrl, hasNatsDoor, dataDir, administrator, calling } = facts;
  return `
Parley is running. Ctrl-C stops it; the data stays in ${dataDir}

  console       ${url}/console   (sign in as the administrator)
  HTTP          ${url}   documents: ${url}/docs
  socket        ${url.replace(/^http/, 'ws')}/v1/socket   (subprotocol parley.v1)
  NATS          ${hidden(natsUrl)}${hasNatsDoor ? '   (a token or API key as the NATS token)' : ''}
  administrator ${loginWords(administrator)}

Paste these into another terminal: log in, make a conversation, post to it.

${firstLines(url, url, administrator.path).join('\n')}
${hasNatsDoor ? natsExample(url, natsUrl, calling) : ''}
The same from the command line, in this directory; tail shows in one terminal what send posts in another.

${dataDir === resolve('.data') ? '' : `  export DATA_DIR='${quoted(dataDir)}'\n`}  ${calling.parley} tail
  ${calling.parley} send "hello"
`;
}

/** Who may log in, with the password only when it was made just now. */
export function loginWords({ email, password, isNew, path }: Administrator): string {
  return isNew ? `${email}  ${password}  (printed once; kept in ${path})` : `${email}  (password: ${path})`;
}

/** Log in and make a conversation at `url`, post to it at `postUrl`. */
export function firstLines(url: string, postUrl: string, loginPath: string): readonly string[] {
  const json = `-H 'content-type: application/json'`;
  const bearer = `-H "authorization: Bearer $TOKEN"`;
  const pick = (field: string): string => `node -pe 'JSON.parse(require("fs").readFileSync(0)).${field}'`;
  return [
    `TOKEN=$(curl -s ${url}/auth/login ${json} -d '@${quoted(loginPath)}' | ${pick('access_token')})`,
    `CONVERSATION=$(curl -s ${url}/api/conversations ${json} ${bearer} -d '{"type":"group","name":"first"}' | ${pick('id')})`,
    `curl -s ${postUrl}/api/conversations/$CONVERSATION/messages ${json} ${bearer} -d '{"content":"hello"}'`,
  ];
}

/**
 * Two ways for a service with an API key: the official client for Node, and the nats command line. The program is one of the
 * repository, and not of the package; there the guide has it, whole.
 */
export function natsExample(url: string, natsUrl: string, { isRepository }: Calling): string {
  const host = new URL(natsUrl).host;
  const field = (path: string): string => `node -pe 'JSON.parse(process.argv[1]).${path}' "$SERVICE"`;
  const words = isRepository
    ? `make its API key, then see bench/examples/nats-service.mjs
follow all events, make a conversation and post. The last line does one request with the nats command line.`
    : `make its API key, then do one
request with the nats command line. A program that follows all events is in ${url}/docs/guides/nats`;
  const program = `node bench/examples/nats-service.mjs nats://${host} "$TENANT" "$ID" "$KEY"\n`;
  return `
A service on NATS (after the lines above, in this directory): ${words}

SERVICE=$(curl -s ${url}/auth/api-keys -H 'content-type: application/json' -H "authorization: Bearer $TOKEN" -d '{"name":"first service"}')
KEY=$(${field('key')}) ID=$(${field('principal_id')})
TENANT=$(curl -s ${url}/auth/me -H "authorization: Bearer $TOKEN" | node -pe 'JSON.parse(require("fs").readFileSync(0)).tenant.id')
${isRepository ? program : ''}nats --server "nats://$KEY@${host}" --inbox-prefix "_INBOX_$ID" request "api.$TENANT.$ID.list" '{}'
`;
}

/** Credentials of Parley's own are nobody else's. */
function hidden(natsUrl: string): string {
  return natsUrl.replace(/\/\/[^@/]*@/g, '//');
}

/** Inside single quotes of a shell. */
function quoted(text: string): string {
  return text.replaceAll("'", `'\\''`);
}
