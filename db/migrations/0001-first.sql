-- What the server keeps. It can open none of it. db/README.md says of each column why it is there and for how long.

-- An envelope as it came. The server can neither open it nor tell for whom it is.
create table envelopes (
  id    uuid  not null default gen_random_uuid(), -- random, never a sequence: an order of arrival could name a source
  day   date  not null, -- the UTC day it was sealed for, and never finer: an hour can name a source
  bytes bytea not null check (octet_length(bytes) between 32768 and 1048576),
  primary key (day, id)
) partition by range (day);

-- Days for which nothing is taken any more. A reporter destroys the day's seed only after its row is here.
create table closed_days (
  day date primary key
);

-- The chain of keyrings, whole: anybody may audit it.
create table keyrings (
  version integer primary key check (version >= 1),
  note    text    not null
);

-- Day keys, one a reporter and day: the newest that its reporter has signed.
create table day_notes (
  reporter text    not null,
  day      date    not null,
  made     date    not null,
  seq      integer not null,
  note     text    not null,
  primary key (reporter, day)
);

-- Where a reporter wants to be told. The only table that holds an address, and never a source's.
create table subscriptions (
  reporter text primary key,
  address  text not null,
  mode     text not null check (mode in ('always', 'news', 'never'))
);

-- Mails to be sent: "something may be there", for a reporter, at a time of the schedule. Not which envelope, nor how many.
create table mails (
  reporter text        not null references subscriptions (reporter) on delete cascade,
  slot     timestamptz not null, -- a time of the schedule, the same for everyone; never the time of a tip
  id       uuid        not null default gen_random_uuid(), -- becomes the Message-ID, so that a repeated mail is recognised
  attempts integer     not null default 0,
  retry_at timestamptz, -- set by a failed attempt, or by one that is under way
  primary key (reporter, slot)
);

-- Requests of reporters that were taken: none is taken twice.
create table nonces (
  nonce bytea primary key check (octet_length(nonce) = 16),
  day   date  not null
);
create index nonces_day on nonces (day);
