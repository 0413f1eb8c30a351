import type { TSchema } from '@sinclair/typebox';
import type { OperationDeclaration, OperationSchemas } from './operation.ts';

type Responses = OperationDeclaration<OperationSchemas>['responses'];

/** For the declarations of one API: what says of some statuses what they mean there, all with the body `schema`. */
export function refusalsOf<Status extends number>(
  schema: TSchema,
  descriptions: Readonly<Record<Status, string>>,
): (...statuses: Status[]) => Responses {
  return (...statuses) =>
    Object.fromEntries(statuses.map((status) => [status, { description: descriptions[status], schema }]));
}
