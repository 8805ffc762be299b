-- How often a reporter wants to be told, and whether the mail holds a sealed status. Each mail is queued once for each time of the schedule,
-- whichever of several processes comes first.

alter table subscriptions
  add column pace    text not null default 'each' check (pace in ('each', 'daily', 'weekly')),
  add column openpgp text, -- a public key: the mail then holds a status sealed to it, of one size
  add column told    timestamptz, -- the last time of the schedule for which a mail was queued
  add check (openpgp is null or mode = 'always');

-- Until a mail is queued, its row says that something may have come before that time of the schedule; retry_at says from when on it is sent.
alter table mails add column news boolean not null default false;
