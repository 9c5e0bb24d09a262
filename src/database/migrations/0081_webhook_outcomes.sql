-- How many webhook requests came to which end, in stretches of five minutes, of every replica together.
-- What is refused is no delivery, and is in no other table; of it nothing but its number is kept.
create table webhook_outcome (
  at        timestamptz not null,
  -- Empty where nobody knows whose it was.
  account   text not null,
  outcome   text not null,
  requests  bigint not null,
  primary key (at, account, outcome)
);
