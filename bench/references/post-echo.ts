/** Reference (b): a bare uWebSockets.js that reads a JSON body, parses it and answers it as JSON. */
import * as uWS from 'uWebSockets.js';
import { serveBeside } from '../kit/beside-process.ts';

export type EchoReady = { readonly url: string };

const app = uWS.App().post('/echo', (res) => {
  let isGone = false;
  let received = '';
  res.onAborted(() => {
    isGone = true;
  });
  res.onData((chunk, isLast) => {
    received += Buffer.from(chunk).toString('utf8');
    if (!isLast || isGone) return;
    const answer = JSON.stringify(JSON.parse(received));
    res.cork(() => {
      res.writeStatus('201 Created').writeHeader('content-type', 'application/json').end(answer);
    });
  });
});

app.listen('127.0.0.1', 0, (listening) => {
  if (!listening) throw new Error('reference (b) cannot listen');
  const url = `http://127.0.0.1:${uWS.us_socket_local_port(listening)}/echo`;
  serveBeside({ url } satisfies EchoReady, async () => ({}));
});
