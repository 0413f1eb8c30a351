/**
 * Arrays as the driver reads and writes them. By itself the driver asks each new connection which array types there are,
 * and when that connection is lost before the answer, nobody hears of the failure and the process ends
 * (porsager/postgres issue 1192, in 3.4.9). So it is told not to ask, and these are the ones that statements use.
 */

/** One element; its array's brackets and quotes are not its matter. */
interface ElementType {
  /** Of the array. */
  readonly oid: number;
  readonly write: (element: never) => string;
  readonly read: (text: string) => unknown;
}

const asText = (element: unknown): string => String(element);

const elementTypes = {
  texts: { oid: 1009, write: asText, read: asText },
  names: { oid: 1003, write: asText, read: asText },
  varchars: { oid: 1015, write: asText, read: asText },
  uuids: { oid: 2951, write: asText, read: asText },
  smallints: { oid: 1005, write: asText, read: Number },
  integers: { oid: 1007, write: asText, read: Number },
  bigints: { oid: 1016, write: asText, read: Number },
  doubles: { oid: 1022, write: asText, read: Number },
  booleans: {
    oid: 1000,
    write: (element: boolean) => (element ? 't' : 'f'),
    read: (text: string) => text === 't',
  },
  jsons: { oid: 199, write: (element: unknown) => JSON.stringify(element), read: JSON.parse },
  jsonbs: { oid: 3807, write: (element: unknown) => JSON.stringify(element), read: JSON.parse },
} as const satisfies Readonly<Record<string, ElementType>>;

/** As the driver is told of a type. */
interface DriverType {
  readonly to: number;
  readonly from: number[];
  readonly serialize: (value: unknown) => string;
  readonly parse: (text: string) => unknown;
}

export const arrayTypes: Readonly<Record<string, DriverType>> = Object.fromEntries(
  Object.entries(elementTypes).map(([name, type]) => [name, driverType(type)]),
);

function driverType({ oid, write, read }: ElementType): DriverType {
  return {
    to: oid,
    from: [oid],
    // A text is an array already, as PostgreSQL writes it.
    serialize: (value) => (Array.isArray(value) ? arrayText(value as never[], write) : String(value)),
    parse: (text) => arrayElements(text).map((element) => (element === null ? null : read(element))),
  };
}

/** `{"a","b \"quoted\"",null}`. */
function arrayText(elements: readonly never[], write: ElementType['write']): string {
  const quoted = elements.map((element) => {
    if (element === undefined) throw new TypeError('an array for PostgreSQL has an undefined element');
    return element === null ? 'null' : `"${write(element).replace(/[\\"]/g, '\\$&')}"`;
  });
  return `{${quoted.join(',')}}`;
}

/** The elements of an array of one dimension, as texts. */
function arrayElements(text: string): (string | null)[] {
  const elements: (string | null)[] = [];
  for (const [, quoted, bare] of text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/gs)) {
    if (quoted !== undefined) elements.push(quoted.replace(/\\(.)/gs, '$1'));
    else elements.push(bare === undefined || bare === 'NULL' ? null : bare);
  }
  return elements;
}
