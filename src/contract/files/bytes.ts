import { Type } from '@sinclair/typebox';

/** Any bytes, for the documents. */
export const Bytes = Type.String({ contentEncoding: 'binary' });
