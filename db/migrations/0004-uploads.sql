-- Envelopes above 1 MiB, in pieces: what has come of them so far, and those that are whole. Nothing of an upload is an envelope before its last byte.

create table uploads (
  id       bytea  primary key check (octet_length(id) = 32), -- SHA-256 of the secret that names the upload to whoever sends it
  day      date   not null, -- the UTC day it was sealed for
  envelope uuid   not null default gen_random_uuid(), -- the id it will have; random, so it tells no order
  bytes    bigint not null, -- its whole length, a size class
  received bigint not null default 0, -- so many of them are kept
  touched  date   not null, -- the UTC day on which something last came, and never finer; a whole day without anything, and it goes
  check (received between 0 and bytes)
);

-- A large envelope that is whole. Its bytes are its chunks.
create table large_envelopes (
  id    uuid   not null,
  day   date   not null, -- the UTC day it was sealed for
  bytes bigint not null, -- its whole length, a size class
  primary key (day, id)
) partition by range (day);

-- The pieces, each as it was committed: a line that breaks leaves a short one.
create table chunks (
  day      date   not null, -- of the envelope
  envelope uuid   not null,
  at       bigint not null, -- where it begins
  bytes    bytea  not null check (octet_length(bytes) between 1 and 1048576),
  primary key (day, envelope, at)
) partition by range (day);
