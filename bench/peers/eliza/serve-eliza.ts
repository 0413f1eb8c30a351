/**
 * The real server in a process of its own, run by Bun: `serve-eliza.js ENTRY DIR PORT`. Ends with its parent, and
 * then removes DIR, where it keeps its data; one that did not start leaves it for its log to be read.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serveBeside } from '../../kit/beside-process.ts';

/** What is used of `@elizaos/server`; the rest is as it is published. */
type ElizaModule = {
  readonly AgentServer: new () => {
    start(options: { readonly dataDir: string; readonly port: number }): Promise<void>;
  };
};

const [entry = '', dir = '', port = ''] = process.argv.slice(2);
const { AgentServer } = (await import(pathToFileURL(entry).href)) as ElizaModule;
await new AgentServer().start({ dataDir: join(dir, 'data'), port: Number(port) });
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
serveBeside({}, async () => {
  throw new Error('the real server takes its orders over HTTP');
});
