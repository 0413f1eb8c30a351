/** Reference (b): the same requests, body and connections, against a bare echo. */
import type { EchoReady } from '../../references/post-echo.ts';
import { amountFor, type HttpLoad, loadHttp } from '../clients/http-load.ts';
import { HttpPosters } from '../clients/http-posters.ts';
import { usualText } from '../figures/event-sample.ts';
import { stampedText } from '../figures/stamped-text.ts';
import type { ScenarioContext } from '../scenario.ts';

const amounts = new WeakMap<ScenarioContext, number>();

/** Requests a second; headers and number of connections are those of the scenario. */
export async function measureEcho(context: ScenarioContext, scenario: HttpLoad): Promise<number> {
  const { ready } = await context.stack.reference<EchoReady>('post-echo');
  const body = JSON.stringify({ content: usualText });
  const load: HttpLoad = {
    url: ready.url,
    method: 'POST',
    headers: { ...scenario.headers, 'content-type': 'application/json' },
    body,
    paths: ['/echo'],
    connections: scenario.connections,
    status: 201,
    expectBody: body,
  };
  let amount = amounts.get(context);
  if (amount === undefined) {
    amount = (await amountFor(load, context.pace.roundMs)).amount;
    amounts.set(context, amount);
  }
  return (await loadHttp(load, amount)).perSec;
}

/** Requests a second of the posters that symbia-sockets has, as many of them, against the same echo. */
export async function openEchoPosters(
  context: ScenarioContext,
  connections: number,
): Promise<() => Promise<number>> {
  const { ready } = await context.stack.reference<EchoReady>('post-echo');
  const posters = await HttpPosters.open({
    url: new URL(ready.url).origin,
    connections,
    path: () => '/echo',
    headers: () => ({ 'x-api-key': 'x'.repeat(48) }),
    body: (number) => `{"content":"${stampedText(number)}"}`,
    onCreated: (_, sent, answer) => {
      if (answer !== sent) throw new Error(`the echo answered ${answer}`);
    },
  });
  context.closers.add(() => posters.close());
  return async () => (await posters.run(context.pace.roundMs)).perSec;
}
