-- What this database was filled from: `played` where a stand-in on this machine was asked, else `real`.
create table database_origin (
  is_only   boolean primary key default true check (is_only),
  vivenu    text not null,
  flowcore  text not null
);
