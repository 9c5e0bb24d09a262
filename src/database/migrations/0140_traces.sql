-- W3C Trace Context of the span that led to a row, where somebody records traces: null otherwise.
alter table inbox add column traceparent text;
alter table outbox add column traceparent text;
alter table count_hint add column traceparent text;

-- Rows that a traced fact made and that the sheet does not show yet.
create table row_trace (
  event_id     text not null,
  traceparent  text not null,
  made_at      timestamptz not null,
  primary key (event_id, traceparent)
);
