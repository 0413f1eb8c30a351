/** A Socket.IO client by polling, one request at a time, for what no client library would send. */

export interface PollAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export class RawPoller {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.url = url;
    this.headers = headers;
  }

  /** An Engine.IO connection that has not sent a CONNECT packet. */
  static async open(base: string, headers: Readonly<Record<string, string>> = {}): Promise<RawPoller> {
    const url = `${base}/socket.io/?EIO=4&transport=polling`;
    const text = await (await fetch(url, { headers })).text();
    const { sid } = JSON.parse(text.slice(1)) as { sid: string };
    return new RawPoller(`${url}&sid=${sid}`, headers);
  }

  /** …and one that is connected: the answer to CONNECT was polled. */
  static async connect(base: string, token = 'ann'): Promise<RawPoller> {
    const poller = await RawPoller.open(base);
    await poller.post(`40{"token":"${token}"}`);
    await poller.poll();
    return poller;
  }

  async poll(): Promise<PollAnswer> {
    const response = await fetch(this.url, { headers: this.headers });
    return { status: response.status, text: await response.text(), headers: response.headers };
  }

  async post(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<PollAnswer> {
    const init = { method: 'POST', body, headers: { ...this.headers, ...headers } };
    const response = await fetch(this.url, init);
    return { status: response.status, text: await response.text(), headers: response.headers };
  }
}
