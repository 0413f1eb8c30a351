/** `node dist/bench/peers/eliza/run-eliza.js [KEY]`: the real server by itself, to be asked how it behaves, until Ctrl-C. */
import { openElizaPeer } from './eliza-peer.ts';

const [key = 'a key'] = process.argv.slice(2);
const peer = await openElizaPeer(key, (line) => console.error(line));
console.log(`${peer.url} takes X-API-KEY: ${key}; an empty data directory, removed at the end`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void peer.close().finally(() => process.exit()));
}
