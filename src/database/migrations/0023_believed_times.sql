-- A time of change that no clock can have said, or that lies ahead of when it was observed, is not believed.
update event_seen set version_at = observed_at
where version_at < '2000-01-01Z' or version_at > observed_at + interval '10 minutes';
update ticket_state set updated_at = now() where updated_at > now() + interval '10 minutes';
