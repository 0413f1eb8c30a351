/** `parley admin …`: what an operator does to a deployment, with its database at hand. */
import { Command } from 'commander';
import { explain } from '../help.ts';
import { agentsCommand } from './agents.ts';
import { apiKeysCommand } from './api-keys.ts';
import { auditCommand } from './audit.ts';
import { invitesCommand } from './invites.ts';
import { rewrapCommand, rotateKeysCommand } from './keys.ts';
import { natsCredentialsCommand } from './nats-credentials.ts';
import { sessionsCommand } from './sessions.ts';
import { tenantsCommand } from './tenants.ts';
import { usersCommand } from './users.ts';

export function adminCommand(): Command {
  const admin = explain(
    new Command('admin').description(
      'tenants, people, sessions, invites, agents, keys, limits, the audit: through the database',
    ),
    {
      notes: [
        'Works on DATABASE_URL, else on the database of the running `parley dev`: who has the database may do everything. Nodes follow within a second, and the audit tells what was done.',
      ],
      examples: [
        ['admin tenants list', 'whose ids all the others take'],
        ['admin users suspend ann@example.com', 'out of every socket within a second'],
        ['admin keys create --tenant TENANT --name importer', 'an API key for a service'],
        ['admin audit --limit 20', 'who did what'],
      ],
    },
  );
  for (const command of [
    tenantsCommand(),
    usersCommand(),
    sessionsCommand(),
    invitesCommand(),
    agentsCommand(),
    apiKeysCommand(),
    auditCommand(),
    rotateKeysCommand(),
    rewrapCommand(),
    natsCredentialsCommand(),
  ]) {
    admin.addCommand(command);
  }
  return admin;
}
