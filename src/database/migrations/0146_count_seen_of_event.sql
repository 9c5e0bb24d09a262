-- An event's last count is looked for by the event alone: it may have been another account's.
create index count_seen_event on count_seen (event_id);
