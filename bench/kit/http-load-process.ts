/** loadHttp() in a process of its own, so that two hundred connections of a storm do not delay who measures beside it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type HttpLoad, type HttpResult, loadHttp } from './clients/http-load.ts';

interface Order {
  readonly load: HttpLoad;
  readonly amount: number;
}

/** As loadHttp(); the process ends with its load, and with us. */
export async function loadHttpBeside(load: HttpLoad, amount: number): Promise<HttpResult> {
  const child = fork(fileURLToPath(import.meta.url), ['load'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const answer = once(child, 'message');
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the load ended with ${code} before it was done`);
  });
  child.send({ load, amount } satisfies Order);
  const [result] = (await Promise.race([answer, ended])) as [HttpResult];
  ended.catch(() => undefined);
  child.disconnect();
  return result;
}

if (process.argv[2] === 'load' && process.argv[1] === fileURLToPath(import.meta.url)) {
  process.once('disconnect', () => process.exit());
  const [{ load, amount }] = (await once(process, 'message')) as [Order];
  process.send?.(await loadHttp(load, amount));
}
