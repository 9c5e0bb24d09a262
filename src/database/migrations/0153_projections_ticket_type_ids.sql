-- Who asks for changes of a ticket type names it alone, without its event.
create index ticket_type_by_id on ticket_type (ticket_type_id);
