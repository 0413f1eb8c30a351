import { call } from '../../clients/http-client.ts';

/** What a node says of itself, by name; labels are part of it. */
export async function metricsOf(node: { readonly url: string }): Promise<ReadonlyMap<string, number>> {
  const { body } = await call(node, 'GET', '/metrics');
  const lines = String(body)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

/** The sum of a metric over all its labels; throws when the node does not tell it. */
export function summed(metrics: ReadonlyMap<string, number>, name: string): number {
  const values = [...metrics].filter(([key]) => key === name || key.startsWith(`${name}{`));
  if (values.length === 0)
    throw new Error(`the node does not tell ${name}, but ${[...metrics.keys()].slice(0, 20)}`);
  return values.reduce((sum, [, value]) => sum + value, 0);
}
