-- Whether an event has ticket types of which somebody has to say what they are, whatever was said by now:
-- `/status` looks at the ticket types of these alone. Until its row is made anew nobody knows it of an event.
alter table event_shown add column in_doubt boolean;
create index event_shown_in_doubt on event_shown (event_id) where in_doubt is distinct from false;
