/**
 * Reference (c): a bare uWebSockets.js that publishes what a poster sends to everyone on one topic. The
 * poster's answer is the frame on the topic, as in the scenario.
 */
import * as uWS from 'uWebSockets.js';
import { serveBeside } from '../kit/beside-process.ts';

export type PublishReady = { readonly url: string };

const topic = 'conversation';

const app = uWS.App().ws<{ reads: boolean }>('/*', {
  maxBackpressure: 0, // none: a bare server drops nothing, however slow its readers
  upgrade: (res, req, context) => {
    res.upgrade(
      { reads: req.getUrl() === '/reader' },
      req.getHeader('sec-websocket-key'),
      req.getHeader('sec-websocket-protocol'),
      req.getHeader('sec-websocket-extensions'),
      context,
    );
  },
  open: (socket) => {
    if (socket.getUserData().reads) socket.subscribe(topic);
  },
  message: (_socket, message) => {
    app.publish(topic, message);
  },
});

app.listen('127.0.0.1', 0, (listening) => {
  if (!listening) throw new Error('reference (c) cannot listen');
  const url = `ws://127.0.0.1:${uWS.us_socket_local_port(listening)}`;
  serveBeside({ url } satisfies PublishReady, async () => ({}));
});
