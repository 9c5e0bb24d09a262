-- Under which settings an event's shown rows were made: those of others are made anew in the background,
-- and `/status` says how many they are.
alter table event_shown add column made_of text;
