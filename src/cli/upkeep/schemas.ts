/** `parley schemas`: writes what is generated from the declarations, or says that it is not up to date. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { packagePath } from '../../config/package-path.ts';
import { Failure } from '../failure.ts';
import { explain } from '../help.ts';
import { makeDirectory } from '../make-directory.ts';
import { print } from '../output.ts';
import { generatedFiles } from './generated-files.ts';

/** `commands`: every command of `parley`, for the reference. */
export function schemasCommand(commands: () => Promise<readonly Command[]>): Command {
  const command = new Command('schemas')
    .description(
      'write what is generated from the declarations of this version: documents, tables, this reference',
    )
    .option('--check', 'write nothing; fail when a file differs from what would be written')
    .option('--dir <path>', 'where they are (default: schemas/ of this installation)')
    .action(async ({ check, dir = packagePath('schemas') }: { check?: boolean; dir?: string }) => {
      const files = generatedFiles(await commands());
      if (check === true) await compare(dir, files);
      else await write(dir, files);
    });
  return explain(command, {
    examples: [
      ['schemas', 'write them; `make schemas` does the same'],
      ['schemas --check', 'fail when one of them is not what would be written'],
    ],
  });
}

type Files = ReturnType<typeof generatedFiles>;

async function write(dir: string, files: Files): Promise<void> {
  await makeDirectory(dir);
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(dir, name), text);
    print(join(dir, name));
  }
}

async function compare(dir: string, files: Files): Promise<void> {
  const different: string[] = [];
  for (const [name, text] of Object.entries(files)) {
    if ((await readFile(join(dir, name), 'utf8').catch(() => '')) !== text) different.push(name);
  }
  if (different.length > 0)
    throw new Failure(
      `not up to date: ${different.join(', ')}; run \`make schemas\` and commit what it writes`,
    );
  print('generated files are up to date');
}
