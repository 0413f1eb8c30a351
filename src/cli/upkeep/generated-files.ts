/** What `parley schemas` writes: file name -> text, the same for the same sources. */
import { staticDocuments } from '../../compose/documents/documents.ts';
import { packageVersion } from '../../config/package-version.ts';
import { configDocument } from './config-table.ts';
import { metricsDocument, metricsJson } from './metrics-table.ts';
import { problemsTable } from './problems-table.ts';

export function generatedFiles(): Readonly<Record<string, string>> {
  const { openApi, asyncApi, llms } = staticDocuments(packageVersion());
  return {
    'openapi.json': openApi(),
    'asyncapi.json': asyncApi(),
    'llms.txt': llms(),
    'config.md': configDocument(),
    'metrics.json': metricsJson(),
    'metrics.md': metricsDocument(),
    'problems.md': problemsTable(),
  };
}
