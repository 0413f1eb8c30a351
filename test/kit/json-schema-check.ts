/** JSON Schema as our clients' tools read it: the checker that the OpenAPI validator brings along. */
import { createRequire } from 'node:module';

interface Ajv {
  addFormat(name: string, accepts: true | RegExp): void;
  compile(schema: object): ((value: unknown) => boolean) & { readonly errors?: readonly object[] | null };
}

const validatorsOwn = createRequire(import.meta.resolve('@seriousme/openapi-schema-validator'));
const { Ajv2020 } = validatorsOwn('ajv/dist/2020.js') as { Ajv2020: new (options: object) => Ajv };

/** Why a value is not of a schema; '' when it is. References into `components` of the document are followed. */
export function schemaCheck(document: { readonly components?: unknown }) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  for (const name of ['uuid', 'email', 'uri']) ajv.addFormat(name, true);
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  return (schema: object, value: unknown): string => {
    const check = ajv.compile({ ...schema, components: document.components });
    return check(value) ? '' : JSON.stringify(check.errors);
  };
}
