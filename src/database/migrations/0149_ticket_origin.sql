-- Whether a ticket was made of another one; null where it was not, or where nobody has read it since.
alter table ticket_state add column has_origin_ticket boolean;
