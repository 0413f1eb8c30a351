/** `parley admin …`: what an operator does to a deployment, with its database at hand. */
import { Command } from 'commander';
import { auditCommand } from './audit.ts';
import { rewrapCommand, rotateKeysCommand } from './keys.ts';
import { natsCredentialsCommand } from './nats-credentials.ts';
import { tenantsCommand } from './tenants.ts';
import { usersCommand } from './users.ts';

export function adminCommand(): Command {
  const admin = new Command('admin').description(
    'administer a deployment through DATABASE_URL (else the running `parley dev`); nodes follow within a second',
  );
  for (const command of [
    rotateKeysCommand(),
    rewrapCommand(),
    usersCommand(),
    tenantsCommand(),
    auditCommand(),
    natsCredentialsCommand(),
  ]) {
    admin.addCommand(command);
  }
  return admin;
}
