/** `parley schemas`: writes what is generated from the declarations, or says that it is not up to date. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { packagePath } from '../../config/package-path.ts';
import { Failure } from '../failure.ts';
import { print } from '../output.ts';
import { generatedFiles } from './generated-files.ts';

export function schemasCommand(): Command {
  return new Command('schemas')
    .description(
      'write the generated files: OpenAPI, AsyncAPI, llms.txt, the tables of configuration and problems',
    )
    .option('--check', 'write nothing; fail when a file differs from what would be written')
    .option('--dir <path>', 'where they are', packagePath('schemas'))
    .action(async ({ check, dir }: { check?: boolean; dir: string }) => {
      if (check === true) await compare(dir);
      else await write(dir);
    });
}

async function write(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const [name, text] of Object.entries(generatedFiles())) {
    await writeFile(join(dir, name), text);
    print(join(dir, name));
  }
}

async function compare(dir: string): Promise<void> {
  const different: string[] = [];
  for (const [name, text] of Object.entries(generatedFiles())) {
    if ((await readFile(join(dir, name), 'utf8').catch(() => '')) !== text) different.push(name);
  }
  if (different.length > 0)
    throw new Failure(
      `not up to date: ${different.join(', ')}; run \`make schemas\` and commit what it writes`,
    );
  print('generated files are up to date');
}
