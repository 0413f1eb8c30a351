/** The Forms port: files of forms are spooled on disk, so that nothing is done before a form is whole. */

import { overloaded } from '../../domain/limiting/overload.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { FormBody, FormRules, Forms } from '../../ports/http/forms.ts';
import type { Logger } from '../../ports/logger.ts';
import { readForm } from './read-form.ts';
import { SpooledFile } from './spooled-file.ts';

export interface FormsOptions {
  /** May be shared with other nodes. */
  readonly directory: string;
  readonly newId: () => string;
  readonly logger: Pick<Logger, 'error'>;
}

export function openForms({ directory, newId, logger }: FormsOptions): Forms {
  let underWay = 0;

  function problemOf(error: unknown): Problem {
    const { code } = error as NodeJS.ErrnoException;
    logger.error({ code }, 'the directory of forms failed');
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    return isFull ? new Problem('storage_full', 'The disk has no room left.') : new Problem('unavailable');
  }

  /** The file that a form is read into, and what was read. */
  async function spooled(body: FormBody, rules: FormRules) {
    const spool = await SpooledFile.open(directory, `${newId()}.form`);
    try {
      const read = await readForm(body, rules, spool);
      if (!(read instanceof Problem)) return { spool, ...read };
      await spool.close();
      return read;
    } catch (error) {
      await spool.close();
      throw error;
    }
  }

  return {
    async use(body, rules, work) {
      if (underWay >= limits.formsInFlightMax) return overloaded('forms');
      underWay += 1;
      try {
        const read = await spooled(body, rules).catch(problemOf);
        if (read instanceof Problem) return read;
        const { spool, fields, file } = read;
        try {
          const { bytes: sizeBytes } = spool;
          const present = file === null ? null : { ...file, sizeBytes, pieces: () => spool.pieces() };
          return await work({ fields, file: present });
        } finally {
          await spool.close();
        }
      } finally {
        underWay -= 1;
      }
    },
  };
}
