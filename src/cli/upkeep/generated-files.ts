/** What `parley schemas` writes: file name -> text, the same for the same sources. */
import type { Command } from 'commander';
import { staticDocuments } from '../../compose/documents/documents.ts';
import { packageVersion } from '../../config/package-version.ts';
import { cliDocument } from './cli-document.ts';
import { configDocument } from './config-table.ts';
import { logDocument, logJson } from './log-table.ts';
import { metricsDocument, metricsJson } from './metrics-table.ts';
import { problemsTable } from './problems-table.ts';

/** `commands`: all of `parley`. */
export function generatedFiles(commands: readonly Command[]): Readonly<Record<string, string>> {
  const { openApi, asyncApi, llms } = staticDocuments(packageVersion());
  return {
    'openapi.json': openApi(),
    'asyncapi.json': asyncApi(),
    'llms.txt': llms(),
    'cli.md': cliDocument(commands),
    'config.md': configDocument(),
    'log.json': logJson(),
    'log.md': logDocument(),
    'metrics.json': metricsJson(),
    'metrics.md': metricsDocument(),
    'problems.md': problemsTable(),
  };
}
