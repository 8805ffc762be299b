-- What the newsroom's roots say that this server serves. Public; for whoever checks the page.

create table releases (
  hash text primary key check (length(hash) = 43), -- SHA-256 of the note's text, base64url
  note text not null                               -- the signed release
);
