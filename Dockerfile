# The images of a line: `server` keeps what it cannot open, `tor` is its onion address. docs/operating.md, docs/decisions/0041-images.md.
# test/operator/image.test.ts runs the steps of `build` and `server` in an empty folder and starts the server from there.

# Pinned by version. A digest would be better: it is written here by whoever can ask a registry (docs/decisions/0041-images.md says how).
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
ARG DEBIAN_IMAGE=debian:12.11-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json tsconfig.base.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY envelope envelope
COPY keyring keyring
COPY server server
COPY client client
COPY scripts scripts
COPY db db
RUN node scripts/build.mjs
# An empty folder with an owner: a new volume takes both from the image, and the server puts its socket there.
RUN mkdir socket

FROM ${NODE_IMAGE} AS server
WORKDIR /app
COPY --from=build /build/dist/server.js /build/dist/server.js.LEGAL.txt /build/dist/sotto.js /build/dist/sotto.js.LEGAL.txt /build/dist/operator.js /build/dist/operator.js.LEGAL.txt /build/dist/healthy.js dist/
COPY --from=build /build/dist/page dist/page
COPY --from=build /build/db/migrations db/migrations
COPY package.json LICENSE ./
COPY --from=build --chown=10001:10001 /build/socket /run/sotto
# A number, not a name: nobody in the image has it, and it owns nothing there.
USER 10001:10001
# One arena: the threads that compress the page at start would each keep what they used, 30 MB in all.
ENV NODE_ENV=production MALLOC_ARENA_MAX=1
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["node", "dist/healthy.js"]
CMD ["node", "dist/server.js"]

FROM ${DEBIAN_IMAGE} AS tor
RUN apt-get update && apt-get install --yes --no-install-recommends tor && rm -rf /var/lib/apt/lists/*
COPY deploy/torrc /etc/tor/torrc
# Made here, so that a new volume has the owner and the mode that tor insists on.
RUN install -d -o debian-tor -g debian-tor -m 0700 /var/lib/tor/onion /var/lib/tor/data
USER debian-tor
CMD ["tor", "-f", "/etc/tor/torrc"]
