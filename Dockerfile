# syntax=docker/dockerfile:1
# The daemon in a container: nobody's user, a root file system that is never written, a volume for the store.
#   docker build -t hybrid-mlnode .
#   docker compose -f deploy/docker/compose.yaml up -d

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# What the lock file says and nothing else; the image has its own Node, so the bundled one stays out.
RUN npm run build && npm prune --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
 && mkdir -p /app/web && mv bin dist migrations deploy package.json LICENSE node_modules /app/ && mv web/dist /app/web/dist

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="gonka-hybrid-mlnode" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build --chown=root:root /app /opt/hybrid-mlnode
RUN ln -s /opt/hybrid-mlnode/bin/hybrid-mlnode.js /usr/local/bin/hybrid-mlnode \
 && install -d -o 65532 -g 65532 -m 0700 /var/lib/hybrid-mlnode
USER 65532:65532
WORKDIR /etc/hybrid-mlnode
ENV NODE_ENV=production STATE_DIR=/var/lib/hybrid-mlnode HOME=/var/lib/hybrid-mlnode
VOLUME /var/lib/hybrid-mlnode
# Gateway; inspection (9220) stays on loopback of the container unless INSPECTION_HOST and INSPECTION_TOKEN say otherwise.
EXPOSE 8080
# Asks the daemon itself, with the settings and the token that it has.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
  CMD ["hybrid-mlnode", "status", "--json", "--timeout", "5"]
# A stop of 60 s at most: --keep leaves machines to the next start within LEASE_TTL.
STOPSIGNAL SIGTERM
ENTRYPOINT ["hybrid-mlnode"]
CMD ["start", "--keep", "--log-json"]
