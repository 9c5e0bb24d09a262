-- What each loop that runs in one process only fails with at the moment, for whichever process is
-- asked. It counts while its token is the lease's: whoever held the lease before has nothing to say.
create table loop_failure (
  loop       text primary key,
  lease      text not null,
  token      bigint not null,
  message    text not null,
  failed_at  timestamptz not null
);
