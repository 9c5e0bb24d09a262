-- What of an event was described otherwise since an instant is found without a look at each of its
-- ticket types and undershops.
create index ticket_type_version_since on ticket_type_version (event_id, version_at);
create index under_shop_version_since on under_shop_version (event_id, version_at);
