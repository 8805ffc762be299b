-- What is known of a day once nothing is taken for it any more: so that "is anything new" is answered without looking at its envelopes.

alter table closed_days
  add column tidy      boolean not null default false, -- its rows were written again in id order: nothing tells the order in which they came
  add column envelopes integer, -- how many there are; null: to be counted, because the day was just closed, or something was deleted
  add column digest    bytea check (octet_length(digest) = 32); -- SHA-256 over their ids in ascending order
