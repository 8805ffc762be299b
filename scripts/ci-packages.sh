#!/usr/bin/env bash
# Installs the Debian packages that some suites need beyond npm's. Where there is no apt, or no right to use it, those suites say so.
set -euo pipefail

# One a line, with the suite that needs it.
packages=(
  firefox-esr # test/envelope/published: the page's bundles in a second engine, with and without WebAssembly and a compiler
  age # test/bench: the peer of npm run bench
  postgresql # test/bench: pgbench, the peer of npm run bench -- accept
  caddy # test/operator: deploy/Caddyfile, really run
  docker-compose # test/operator: another reader of docker-compose.yml
  strace # test/faults/silence: what the server asks of the system while tips come
  faketime # test/faults/clock: a server whose clock is off
  tcpdump # test/faults/wire: what goes over the network between server, PostgreSQL and relay
  tor # test/operator: an onion service on a Tor network of our own
  gnupg # test/bench: the other one
  tmux # test/scripts/screen.test.ts: hostile texts on a real terminal
  man-db # test/scripts/manual.test.ts: the program that reads manual pages
)

if [ "${#packages[@]}" -eq 0 ]; then
  echo "ci-packages: nothing is needed beyond npm's packages"
elif ! command -v apt-get >/dev/null; then
  echo "ci-packages: no apt here, so without ${packages[*]}"
elif [ "$(id -u)" -ne 0 ]; then
  echo "ci-packages: not root, so without ${packages[*]}"
else
  export DEBIAN_FRONTEND=noninteractive
  apt-get update --quiet
  apt-get install --quiet --yes --no-install-recommends "${packages[@]}"
fi
