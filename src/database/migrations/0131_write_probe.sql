-- What health writes and takes back: a PostgreSQL that answers may still take no writes. Nothing stays
-- in it. Its filler is kept out of line and uncompressed, so that a full disk is met here too.
create table write_probe (
  filler text not null
);
alter table write_probe alter column filler set storage external;
