-- What was told last of an event is a day, that it does not sell out, or neither, where nobody knew.
alter table notice_forecast add column never boolean not null default false;
