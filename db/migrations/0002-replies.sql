-- Where replies wait for their source. The reply itself is an envelope like any other: its bytes are in the feed, for the colleagues.

create table replies (
  mailbox bytea not null check (octet_length(mailbox) = 32), -- SHA-256 of a secret that only the source has; says nothing of who or which tip
  day     date  not null, -- the UTC day it was sealed for, and never finer
  id      uuid  not null, -- of the envelope; random, so replies of one day have no order
  primary key (mailbox, day, id)
);
create index replies_day on replies (day);
