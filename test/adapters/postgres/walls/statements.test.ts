/** The first wall, read from the sources: a statement names the tenant of the rows that it reads or writes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { repository } from '../../../kit/temporary.ts';

const src = join(repository, 'src');

/** Statements that name no tenant, by file and first words, and why. */
const ofNoTenant: Readonly<Record<string, string>> = {
  "connections/lane.ts select set_config('parley.tenant',": 'sets the tenant',
  'compose/servers/ready-checks.ts select 1': 'reads no table',
  'walls.ts select current_user::text where attrelid =': 'asks the catalog',
  'projection-marks.ts select sequence::float8 where partition =':
    'how far a partition of all tenants is projected',
  'projection-marks.ts with quick': 'how far a partition of all tenants is projected',
  'projection-writer.ts truncate ${}': 'a rebuild empties the projection of all tenants',
  'projection/read/lists/list-conversations.ts select page.*':
    'its parts name the tenant: ownConversations(), anyUnread()',
  'survey/survey-page.ts select ${} where ${} order': 'matches() names the tenant, or parley_platform asks',
  'survey/survey-page.ts select count(*)': 'matches() names the tenant, or parley_platform asks',
  'survey/survey-page.ts select ${} where p.principal_id =':
    'matches() names the tenant, or parley_platform asks',
  'survey/survey-by-creation.ts select ${} where p.principal_id =':
    'matches() names the tenant, or parley_platform asks',
  'survey/survey-one.ts select ${} where c.conversation_id =':
    'matches() names the tenant, or parley_platform asks',
  'survey/survey-counts.ts select count(*) where c.updated_us >=':
    'matches() names the tenant, or parley_platform asks',
  'survey/survey-counts.ts select count(*) where p.active ${}':
    'its filter names the tenant, or parley_platform asks',
  'survey/survey-counts.ts select count(*) where p.active and':
    'matches() names the tenant, or parley_platform asks',
  'tenant-limits.ts select pg_advisory_xact_lock(hashtextextended(${},': 'a lock named after the tenant',
  'agents/logs.ts select ${}': 'its condition names the tenant: matching',
  'agents/logs.ts select count(*)': 'its condition names the tenant: matching',
  'agents/runs.ts select ${}': 'its condition names the tenant: matching()',
  'agents/runs.ts select count(*)': 'its condition names the tenant: matching()',
  'agents/sweep-records.ts with unended where m.tenant_id =': 'old rows are old, whosever they are',
  'personal/blocks.ts select pg_advisory_xact_lock(hashtextextended(${},':
    'a lock named after tenant and principal',
  'tenant/message-servers.ts select pg_advisory_xact_lock(hashtextextended(${},':
    'a lock named after the tenant',
  'media/media-store.ts select pg_advisory_xact_lock(hashtextextended(${},':
    'a lock named after tenant and uploader',
  'tenant-limits.ts select tenant_id, where changed_us >=': 'a node learns of the limits of all tenants',
  'identity/change-feed.ts select pg_snapshot_xmin(pg_current_snapshot())::text': 'reads no table',
  'identity/change-feed.ts select h.horizon::text': 'what changed, of whomever',
  'identity/principals/change-principal.ts select 1 where id =': 'locks the row of the tenant, by its id',
  'identity/principals/principal-store.ts insert into': 'a row of tenants is a tenant',
  'identity/create-tenant.ts insert into': 'a row of tenants is a tenant',
  'identity/principals/principal-store.ts select id, where id =': 'a row of tenants is a tenant',
  'identity/principals/principal-store.ts select id where id =': 'super admins may take part in every tenant',
  'identity/principals/principal-store.ts select tenant_id where id =':
    'who had an id first, in whichever tenant',
  'identity/principals/principal-store.ts select id, where (created_us, id)': 'operators list tenants',
  'identity/principals/principal-store.ts select password_hash, where email =':
    'a login names an address, and no tenant',
  'identity/api-key-store.ts select ${}, where k.sha256 =': 'a key says whose it is',
  'identity/invite-store.ts select tenant_id, where sha256 =': 'an invite says whose it is',
  'identity/session-store.ts with moved where s.cookie_sha256 =': 'a cookie says whose it is',
  'identity/session-store.ts select session_id where sha256 =': 'a refresh token says whose it is',
  'identity/rotate-refresh-token.ts select ${}, where s.id =': 'the session of a refresh token',
  'identity/rotate-refresh-token.ts select session_id, where sha256 =': 'a refresh token says whose it is',
  'identity/rotate-refresh-token.ts update sessions where id =': 'the session of a refresh token',
  'identity/identity-store.ts delete from where expires_us <': 'old rows are old, whosever they are',
  'identity/identity-store.ts delete from where changed_at <': 'old rows are old, whosever they are',
  'identity/principals/external-principal-store.ts select origin where id =': 'a row of tenants is a tenant',
  'identity/principals/external-principal-store.ts insert into': 'a row of tenants is a tenant',
  'identity/signing-key-store.ts lock table': 'keys of the deployment',
  'identity/signing-key-store.ts select count(*)': 'keys of the deployment',
  'identity/signing-key-store.ts select kid,': 'keys of the deployment',
  'identity/signing-key-store.ts insert into': 'keys of the deployment',
  'identity/signing-key-store.ts update signing_keys where retired_us is': 'keys of the deployment',
  'identity/signing-key-store.ts update signing_keys where kid =': 'keys of the deployment',
  'identity/signing-key-store.ts delete from': 'keys of the deployment',
  'deployment-keys.ts select key where purpose =': 'keys of the deployment',
  'deployment-keys.ts insert into': 'keys of the deployment',
  'deployment-keys.ts update deployment_keys where purpose =': 'keys of the deployment',
  'media/expire-media.ts with late where o.tenant_id =': 'what nobody confirmed or needs, whosever it is',
  'timed-sessions/database-time.ts select (extract(epoch': 'reads no table',
  'timed-sessions/claim-notices.ts with due where n.tenant_id =': 'what is due, whosever it is',
  'timed-sessions/timed-session-store.ts delete from where expires_us <':
    'old rows are old, whosever they are',
  'webhooks/webhook-store.ts select pg_advisory_xact_lock(hashtextextended(${},':
    'a lock named after the tenant',
  'webhooks/webhook-store.ts select tenant_id,': 'a node delivers for all tenants',
  'webhooks/dead-letters.ts select count(*)': 'an operator sees how many there are',
  'webhooks/dead-letters.ts delete from where died_us <': 'old rows are old, whosever they are',
  'agents/job-store.ts select * where ended_us is': 'whose time is up, whosever they are',
  'agents/job-store.ts delete from where ended_us <': 'old rows are old, whosever they are',
  'backup/dump-tables.ts select name': 'migrations of the schema',
  'backup/dump-tables.ts select attname where attrelid =': 'asks the catalog',
  'backup/dump-tables.ts copy ${}': 'an operator backs up all tenants, as the owner',
  'backup/restore-tables.ts select count(*)::int where relkind =': 'asks the catalog',
  'backup/restore-tables.ts alter table': 'an operator fills an empty database, as the owner',
  'backup/restore-tables.ts delete from': 'an operator fills an empty database, as the owner',
  'backup/restore-tables.ts copy ${}': 'an operator fills an empty database, as the owner',
  'backup/restore-tables.ts select count(*)': 'an operator fills an empty database, as the owner',
  'backup/restore-tables.ts select attname where attrelid =': 'asks the catalog',
  'backup/restore-tables.ts select setval(pg_get_serial_sequence(${},':
    'an operator fills an empty database, as the owner',
  'backup/truth-tables.ts select c.relname where c.relkind =': 'asks the catalog',
  'wrapped-data-keys.ts select tenant_id where wrapped is': 'a new master key wraps the keys of all tenants',
};

/** A verb at the start of a template, whatever its tag is called: no statement hides behind another name. */
const isStatement =
  /^(select|insert|update|delete|with|merge|truncate|lock|copy|call|do|alter|create|drop|set)\b/i;

/** Compared with a parameter, or with a column of parameters (`v` of unnest), or written from one. */
function namesTenant(text: string): boolean {
  if (/\btenant_id = (\$\{\}|any\(\$\{\}|v\.tenant_id\b)/.test(text)) return true;
  if (/\binsert into \S+ (as \w+ )?\([^)]*\btenant_id\b/.test(text)) return true;
  return text.includes('unnest(') && /\bjoin \w+ \w+ using \(tenant_id\b/.test(text);
}

interface Statement {
  /** File, first words, and the first words of its last condition. */
  readonly name: string;
  readonly text: string;
}

function statements(): Statement[] {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  return files.flatMap((path) => {
    const source = ts.createSourceFile(
      path,
      readFileSync(join(src, path), 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    );
    return templates(source).map((text) => ({
      name: `${path.replace('adapters/postgres/', '')} ${firstWords(text)}`,
      text,
    }));
  });
}

/** Texts of the tagged templates and of the plain texts that are statements; what is filled in is `${}`. */
function templates(node: ts.Node): string[] {
  const found: string[] = [];
  const visit = (one: ts.Node): void => {
    if (ts.isTaggedTemplateExpression(one)) {
      const text = textOf(one.template).replace(/--.*$/gm, '').replace(/\s+/g, ' ').trim();
      if (isStatement.test(text)) found.push(text);
    }
    ts.forEachChild(one, visit);
  };
  visit(node);
  return found;
}

function textOf(template: ts.TemplateLiteral): string {
  if (ts.isNoSubstitutionTemplateLiteral(template)) return template.text;
  return template.head.text + template.templateSpans.map(({ literal }) => `\${}${literal.text}`).join('');
}

function firstWords(text: string): string {
  const condition = /.*\b(where \S+ \S+)/.exec(text)?.[1] ?? '';
  return `${text.split(' ').slice(0, 2).join(' ')} ${condition}`.trim();
}

t.test('no statement leaves out its tenant but those that cannot name one', async (t) => {
  const all = statements();
  t.ok(all.length > 50, `${all.length} statements`);
  const open = all.filter(({ text }) => !namesTenant(text));
  const reasons = Object.keys(ofNoTenant);
  const unexplained = open.filter(({ name }) => !reasons.includes(name));
  t.same(
    unexplained.map(({ name, text }) => `${name}: ${text}`),
    [],
  );
  const unused = reasons.filter((reason) => !open.some(({ name }) => name === reason));
  t.same(unused, [], 'a reason without a statement');
});

t.test('no statement is put together from texts', async (t) => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const unsafe = files.filter((path) => /\.(unsafe|file)\(/.test(readFileSync(join(src, path), 'utf8')));
  t.same(unsafe, []);
});
