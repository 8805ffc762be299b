-- Generated from the catalogue after all migrations: npm run schema. A test compares it.

create table chunks (
  day date not null,
  envelope uuid not null,
  at bigint not null,
  bytes bytea not null,
  constraint chunks_pkey PRIMARY KEY (day, envelope, at),
  constraint chunks_bytes_check CHECK (((octet_length(bytes) >= 1) AND (octet_length(bytes) <= 1048576)))
) partition by range (day);

create table closed_days (
  day date not null,
  tidy boolean not null default false,
  envelopes integer,
  digest bytea,
  constraint closed_days_pkey PRIMARY KEY (day),
  constraint closed_days_digest_check CHECK ((octet_length(digest) = 32))
);

create table day_notes (
  reporter text not null,
  day date not null,
  made date not null,
  seq integer not null,
  note text not null,
  constraint day_notes_pkey PRIMARY KEY (reporter, day)
);

create table envelopes (
  id uuid not null default gen_random_uuid(),
  day date not null,
  bytes bytea not null,
  constraint envelopes_pkey PRIMARY KEY (day, id),
  constraint envelopes_bytes_check CHECK (((octet_length(bytes) >= 32768) AND (octet_length(bytes) <= 1048576)))
) partition by range (day);

create table fillers (
  seed bytea not null,
  constraint fillers_pkey PRIMARY KEY (seed),
  constraint fillers_seed_check CHECK ((octet_length(seed) = 32))
);

create table keyrings (
  version integer not null,
  note text not null,
  constraint keyrings_pkey PRIMARY KEY (version),
  constraint keyrings_version_check CHECK ((version >= 1))
);

create table large_envelopes (
  id uuid not null,
  day date not null,
  bytes bigint not null,
  constraint large_envelopes_pkey PRIMARY KEY (day, id)
) partition by range (day);

create table mails (
  reporter text not null,
  slot timestamp with time zone not null,
  id uuid not null default gen_random_uuid(),
  attempts integer not null default 0,
  retry_at timestamp with time zone,
  news boolean not null default false,
  constraint mails_pkey PRIMARY KEY (reporter, slot)
);

create table migrations (
  name text not null,
  sha256 text not null,
  constraint migrations_pkey PRIMARY KEY (name)
);

create table nonces (
  nonce bytea not null,
  day date not null,
  constraint nonces_pkey PRIMARY KEY (nonce),
  constraint nonces_nonce_check CHECK ((octet_length(nonce) = 16))
);

create table releases (
  hash text not null,
  note text not null,
  constraint releases_pkey PRIMARY KEY (hash),
  constraint releases_hash_check CHECK ((length(hash) = 43))
);

create table replies (
  mailbox bytea not null,
  day date not null,
  id uuid not null,
  constraint replies_pkey PRIMARY KEY (mailbox, day, id),
  constraint replies_mailbox_check CHECK ((octet_length(mailbox) = 32))
);

create table subscriptions (
  reporter text not null,
  address text not null,
  mode text not null,
  pace text not null default 'each'::text,
  openpgp text,
  told timestamp with time zone,
  constraint subscriptions_pkey PRIMARY KEY (reporter),
  constraint subscriptions_check CHECK (((openpgp IS NULL) OR (mode = 'always'::text))),
  constraint subscriptions_mode_check CHECK ((mode = ANY (ARRAY['always'::text, 'news'::text, 'never'::text]))),
  constraint subscriptions_pace_check CHECK ((pace = ANY (ARRAY['each'::text, 'daily'::text, 'weekly'::text])))
);

create table uploads (
  id bytea not null,
  day date not null,
  envelope uuid not null default gen_random_uuid(),
  bytes bigint not null,
  received bigint not null default 0,
  touched date not null,
  constraint uploads_pkey PRIMARY KEY (id),
  constraint uploads_check CHECK (((received >= 0) AND (received <= bytes))),
  constraint uploads_id_check CHECK ((octet_length(id) = 32))
);

alter table mails add constraint mails_reporter_fkey FOREIGN KEY (reporter) REFERENCES subscriptions(reporter) ON DELETE CASCADE;

CREATE INDEX nonces_day ON public.nonces USING btree (day);

CREATE INDEX replies_day ON public.replies USING btree (day);
