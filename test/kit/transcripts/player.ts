/** Plays transcripts over HTTP against a whole node. */
import { randomUUID } from 'node:crypto';
import type { Test } from 'tap';
import { call, type HttpAnswer } from '../clients/http-client.ts';
import { until } from '../log-entries.ts';
import { differences } from './differences.ts';
import type { Expected, Shape, Step, Transcript } from './step.ts';

/** A node, and what transcripts know from the start: the cast. */
export interface Stage {
  readonly node: { readonly url: string };
  readonly known: Readonly<Record<string, string>>;
  /** What each answer has, whatever its status. */
  readonly usualHeaders: NonNullable<Expected['headers']>;
}

export function play(t: Test, stage: Stage, { title, steps }: Transcript): Promise<unknown> {
  return t.test(title, async (t) => {
    const script = new Script(stage);
    for (const step of steps) {
      for (let n = 1; n <= (step.times ?? 1); n += 1) {
        t.same(await script.play(step, n), [], `${step.name}: ${step.request} as ${step.as}`);
      }
    }
  });
}

class Script {
  readonly #stage: Stage;
  readonly #kept: Map<string, string>;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#kept = new Map([...Object.entries(stage.known), ['origin', stage.node.url]]);
  }

  /** Asks as the step says; how the answer differs from what it must be. */
  async play(step: Step, n: number): Promise<readonly string[]> {
    this.#kept.set('n', String(n));
    let found: readonly string[] = [];
    const ask = async (): Promise<boolean> => {
      const answer = await this.#ask(step);
      found = this.#differences(step.expect, answer);
      if (found.length === 0) this.#keep(step, answer);
      return found.length === 0;
    };
    if (step.eventually !== true) await ask();
    else await until(ask).catch(() => undefined);
    return found;
  }

  #ask({ as, request, headers, body }: Step): Promise<HttpAnswer> {
    const [method = '', path = ''] = this.#filled(request).split(' ');
    return call(this.#stage.node, method, path, {
      ...(as === 'nobody' ? {} : { token: this.#filled(`{${as}.token}`) }),
      ...(body === undefined ? {} : { body: this.#filledIn(body) }),
      headers: this.#filledIn(headers ?? {}) as Record<string, string>,
    });
  }

  #differences({ status, headers, body }: Expected, answer: HttpAnswer): string[] {
    if (answer.status !== status) {
      return [`status: ${status} expected, got ${answer.status} ${JSON.stringify(answer.body)}`];
    }
    const wanted = this.#filledIn({ ...this.#stage.usualHeaders, ...headers }) as Record<string, Shape>;
    const ofHeaders = Object.entries(wanted).flatMap(([name, shape]) =>
      differences(shape, answer.headers.get(name), name),
    );
    return [...ofHeaders, ...differences(this.#filledIn(body ?? null) as Shape, answer.body)];
  }

  #keep({ keep = {} }: Step, answer: HttpAnswer): void {
    for (const [name, path] of Object.entries(keep)) {
      const value = path.startsWith('cookie:') ? cookieOf(answer, path.slice(7)) : textAt(answer, path);
      if (value === null) throw new Error(`${path} is no text: ${JSON.stringify(answer.body)}`);
      this.#kept.set(name, value);
    }
  }

  #filled(text: string): string {
    return text.replace(/\{([a-z][a-z0-9.]*)\}/gi, (_, name: string) => {
      if (name.startsWith('uuid.') && !this.#kept.has(name)) this.#kept.set(name, randomUUID());
      const value = this.#kept.get(name);
      if (value === undefined) throw new Error(`nothing is known as ${name}`);
      return value;
    });
  }

  #filledIn(value: unknown): unknown {
    if (typeof value === 'string') return this.#filled(value);
    if (Array.isArray(value)) return value.map((one) => this.#filledIn(one));
    if (typeof value !== 'object' || value === null || value instanceof RegExp) return value;
    const entries = Object.entries(value).map(([key, one]) => [this.#filled(key), this.#filledIn(one)]);
    return Object.fromEntries(entries);
  }
}

function textAt({ body }: HttpAnswer, path: string): string | null {
  let value = body;
  for (const key of path.split('.')) value = value?.[key];
  return typeof value === 'string' ? value : null;
}

/** As a browser sends it back: `name=value`. */
function cookieOf({ headers }: HttpAnswer, name: string): string | null {
  const set = headers.getSetCookie().find((one) => one.startsWith(`${name}=`));
  return set?.split(';', 1)[0] ?? null;
}
