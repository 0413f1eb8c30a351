-- Agents that run here, and do not wait for a process outside to speak for them: those that tenants are born
-- with. Of agents made later somebody else speaks, until something starts them.
alter table principals add column runs boolean not null default false;
alter table principals add constraint principals_runs_check check (kind = 'agent' or not runs);

update principals p set runs = true
from tenants t
where t.id = p.tenant_id and p.kind = 'agent' and p.created_us = t.created_us;

-- Whoever projects a message asks which agents are in its conversation: a probe, however many people are in it.
create index participants_agents on participants (tenant_id, conversation_id) where active and kind = 'agent';

-- The projector finds out which of them run, and nothing else about principals.
grant select (tenant_id, id, status, runs) on principals to parley_projector;
create policy all_tenants_seen on principals to parley_projector using (true) with check (true);
