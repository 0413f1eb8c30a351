#!/usr/bin/env node
/** The command `parley`. */
import { outliveReaders } from './cli/output.ts';
import { runProgram } from './cli/program.ts';

// uWebSockets.js reads it when it is loaded, which no command does before it runs. Its default of 4 KB is
// less than cookies and the tokens of other identity providers may take together.
process.env['UWS_HTTP_MAX_HEADERS_SIZE'] ??= '16384';

outliveReaders();
process.exitCode = await runProgram(process.argv.slice(2));
