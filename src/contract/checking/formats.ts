/** The string formats that schemas may name. TypeBox refuses every value of a format it does not know. */
import { FormatRegistry } from '@sinclair/typebox';
import { isUuid } from '../../domain/ids.ts';
import { parseMicros } from '../../domain/time.ts';

// Deliberately loose: an address is proved by a mail that arrives, not by a pattern.
const email = /^[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)*$/;
const emailCharsMax = 254;

const formats: Readonly<Record<string, (text: string) => boolean>> = {
  uuid: isUuid,
  'date-time': (text) => parseMicros(text) !== null,
  email: (text) => text.length <= emailCharsMax && email.test(text),
  uri: (text) => URL.canParse(text),
};

/** Registers the formats; asking twice does no harm. */
export function registerFormats(): void {
  for (const [name, accepts] of Object.entries(formats)) FormatRegistry.Set(name, accepts);
}
