-- What the bodies are made from that fill a mailbox up. It opens nothing and authorises nothing; without it, whoever sees inside a connection
-- could make the fillers again and tell replies from them. Never changed: fillers that are new would tell which bodies are not.

create table fillers (
  seed bytea primary key check (octet_length(seed) = 32)
);
insert into fillers select sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'));
