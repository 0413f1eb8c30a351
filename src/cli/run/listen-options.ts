/** Options of `dev` and `serve` that stand for environment variables, for who types rather than deploys. */
import type { Command } from 'commander';
import { wholeNumber } from '../talk/option-values.ts';

const portMax = 65_535;

export interface ListenOptions {
  readonly host?: string;
  readonly port?: string;
  readonly dataDir?: string;
}

export function withListenOptions(command: Command): Command {
  return command
    .option('--port <port>', 'port for everything; 0: any (default: $PORT, else 3000)', portOption)
    .option('--host <host>', 'address to listen on (default: $HOST)')
    .option('--data-dir <path>', 'where data is kept (default: $DATA_DIR, else ./.data)');
}

/** As text, because it stands for a variable. */
function portOption(text: string): string {
  return String(wholeNumber(text, 0, portMax));
}

/** As the variables they stand for: they are checked like these. */
export function listenOptionsOf({ host, port, dataDir }: ListenOptions): Record<string, string> {
  const given = { HOST: host, PORT: port, DATA_DIR: dataDir };
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
