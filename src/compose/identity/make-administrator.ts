import type { Config } from '../../config/config.ts';
import { Problem } from '../../domain/problem.ts';
import type { Identity } from '../../ports/identity/identity-service.ts';

/** The platform's administrator, should the environment name one. Rejects with a sentence when it cannot be made. */
export async function makeAdministrator(
  { adminEmail, adminPassword }: Pick<Config, 'adminEmail' | 'adminPassword'>,
  identity: Identity,
): Promise<void> {
  if (adminEmail === null || adminPassword === null) return;
  const made = await identity.ensureAdministrator(adminEmail, adminPassword);
  if (made instanceof Problem) throw new Error(`the administrator could not be made: ${made.message}`);
}
