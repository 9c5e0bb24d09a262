-- Whether a state is for what comes late behind others: it gives way to another such one, and not to those
-- that what comes in time leaves.
alter table change_fold add column is_behind boolean not null default false;
