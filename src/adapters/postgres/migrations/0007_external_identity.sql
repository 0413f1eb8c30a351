-- Who vouches for the principals of a tenant. An external provider chooses ids of tenants itself; so that it
-- can never choose one of ours, the two kinds are told apart for good.
alter table tenants add column origin text not null default 'parley' check (origin in ('parley', 'external'));
