-- The fields whose times Vivenu says as dates that an event cannot have: they are shown as empty.
alter table event add column unreadable text[];

-- What was kept before anybody looked: "always" and "never" are open ends, and no row holds a date that
-- the driver does not hand back as it was. A replay names the fields.
update event_head_version set content = content
  || case when content ->> 'createdAt' not between '2000' and '2200' then '{"createdAt": null}' else '{}' end::jsonb
  || case when content ->> 'sellStart' not between '2000' and '2200' then '{"sellStart": null}' else '{}' end::jsonb
  || case when content ->> 'sellEnd' not between '2000' and '2200' then '{"sellEnd": null}' else '{}' end::jsonb
  || case when content ->> 'visibleAfter' not between '2000' and '2200' then '{"visibleAfter": null}' else '{}' end::jsonb
where content ->> 'createdAt' not between '2000' and '2200'
  or content ->> 'sellStart' not between '2000' and '2200'
  or content ->> 'sellEnd' not between '2000' and '2200'
  or content ->> 'visibleAfter' not between '2000' and '2200';
update under_shop_version set content = content
  || case when content ->> 'sellStart' not between '2000' and '2200' then '{"sellStart": null}' else '{}' end::jsonb
  || case when content ->> 'sellEnd' not between '2000' and '2200' then '{"sellEnd": null}' else '{}' end::jsonb
where content ->> 'sellStart' not between '2000' and '2200'
  or content ->> 'sellEnd' not between '2000' and '2200';
update event set
  created_at = case when created_at >= '2000-01-01Z' and created_at < '2200-01-01Z' then created_at end,
  updated_at = case when updated_at >= '2000-01-01Z' and updated_at < '2200-01-01Z' then updated_at end,
  sell_start = case when sell_start >= '2000-01-01Z' and sell_start < '2200-01-01Z' then sell_start end,
  sell_end = case when sell_end >= '2000-01-01Z' and sell_end < '2200-01-01Z' then sell_end end,
  visible_after = case when visible_after >= '2000-01-01Z' and visible_after < '2200-01-01Z' then visible_after end;
update under_shop set
  sell_start = case when sell_start >= '2000-01-01Z' and sell_start < '2200-01-01Z' then sell_start end,
  sell_end = case when sell_end >= '2000-01-01Z' and sell_end < '2200-01-01Z' then sell_end end;
