-- Before such times are put right: a description whose time of change was never to be believed says so,
-- and gives way to what Vivenu's API says next.
update event_seen set description = description || '{"unreadable": ["updatedAt"]}'
where version_at < '2000-01-01Z' or version_at > observed_at + interval '10 minutes';
