import { type Config, type Environment, readEnvironment } from '../config/config.ts';
import type { Mode } from '../config/variables.ts';
import { Failure } from './failure.ts';
import { note } from './output.ts';

/**
 * The configuration in `env`. Throws with every error at once, one a line; warnings are noted for a node
 * (`mode` given), where a misspelt variable would go unnoticed.
 */
export function readConfig(env: Environment = process.env, mode?: Mode): Config {
  const { config, errors, warnings } = readEnvironment(env, mode ?? 'dev');
  if (errors.length > 0) throw new Failure(['the configuration is wrong', ...errors].join('\n  '));
  if (mode !== undefined) for (const warning of warnings) note(`parley: ${warning}`);
  return config;
}
