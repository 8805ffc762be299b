#!/usr/bin/env bash
# The server without containers: puts what `npm ci && npm run build` made where deploy/sotto.service looks for it. Run in the project's folder, as root.
# Changes nothing that is there: settings stay, and a newer version replaces the program alone. With DESTDIR set, into that folder, and nothing else is done.
set -euo pipefail
cd "$(dirname "$0")/.."
to=${DESTDIR:-}

[ -f dist/server.js ] || { echo "install: build it first: npm ci && npm run build"; exit 1; }

install -d "$to/opt/sotto/dist/page" "$to/opt/sotto/db/migrations" "$to/etc/systemd/system"
install -d -m 0750 "$to/etc/sotto"
install -d -m 0700 "$to/var/backups/sotto"
install -m 0644 package.json LICENSE "$to/opt/sotto/"
install -m 0644 dist/server.js dist/operator.js dist/healthy.js dist/*.LEGAL.txt "$to/opt/sotto/dist/"
install -m 0755 dist/sotto.js "$to/opt/sotto/dist/"
install -m 0644 dist/page/* "$to/opt/sotto/dist/page/"
install -m 0644 db/migrations/*.sql "$to/opt/sotto/db/migrations/"
install -m 0644 deploy/sotto.service deploy/sotto-backup.service deploy/sotto-backup.timer "$to/etc/systemd/system/"
[ -e "$to/etc/sotto/env" ] || install -m 0640 .env.example "$to/etc/sotto/env"

if [ -z "$to" ]; then
  id sotto >/dev/null 2>&1 || adduser --system --group --home /var/lib/sotto sotto
  chown -R root:sotto /etc/sotto
  chmod 0640 /etc/sotto/env
  [ ! -e /etc/sotto/newsroom.json ] || chmod 0640 /etc/sotto/newsroom.json
  chown sotto:sotto /var/backups/sotto
  systemctl daemon-reload
fi
echo "installed. Now: settings in $to/etc/sotto/env, newsroom.json in $to/etc/sotto, a database (createuser sotto, createdb -O sotto sotto), then systemctl enable --now sotto sotto-backup.timer"
echo "what is put into $to/etc/sotto is read by the user sotto: install -o root -g sotto -m 0640 newsroom.json $to/etc/sotto/"
echo "after an upgrade: systemctl restart sotto"
