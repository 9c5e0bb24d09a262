# syntax=docker/dockerfile:1

# The tag says which Bun; the digest (sha256:...) nails down which image of it. `build.yml` passes it.
ARG BUN_VERSION=1.4.5
ARG BUN_DIGEST=""

FROM oven/bun:${BUN_VERSION}-slim${BUN_DIGEST:+@${BUN_DIGEST}} AS base
WORKDIR /app

FROM base AS dependencies
COPY package.json bun.lock ./
COPY patches ./patches
# The token is there for this one command only: a secret's mount is in no layer and in no history.
RUN --mount=type=secret,id=npm_token,env=NPM_CONFIG_TOKEN \
    bun install --frozen-lockfile --production --ignore-scripts --no-progress && \
    find node_modules -type f \( -name "*.map" -o -name "*.d.ts" -o -name "*.d.mts" -o -name "*.d.cts" \) -delete

# In chunks, so that each process loads what its role needs; it takes less memory than a file for each module.
FROM base AS program
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json tsconfig.json ./
COPY src ./src
COPY scripts/build.ts ./scripts/build.ts
RUN bun --no-install scripts/build.ts

FROM base AS service
ARG BUN_VERSION
ARG BUN_DIGEST
ARG VERSION=0.0.0
ARG REVISION=""
ARG CREATED=""
LABEL org.opencontainers.image.title="vivenu-event-monitor" \
      org.opencontainers.image.description="What is on sale, what is sold, how fast, and what changed: every HYROX event of every Vivenu seller account." \
      org.opencontainers.image.licenses="UNLICENSED" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="docker.io/oven/bun:${BUN_VERSION}-slim" \
      org.opencontainers.image.base.digest="${BUN_DIGEST}"

# Bun would keep what it has transpiled on disk; the root file system is read-only. It collects what was made
# after 4 MiB, and not after as much as is in use.
ENV NODE_ENV=production \
    BUN_RUNTIME_TRANSPILER_CACHE_PATH=0 \
    BUN_JSC_gcMaxHeapSize=4194304

COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json bun.lock flowcore.yaml tsconfig.json ./
COPY src ./src
COPY --from=program /app/dist ./dist

# The image's user `bun` by number, so that Kubernetes can see that it is not root.
USER 1000:1000

# API and webhooks; metrics.
EXPOSE 18765 9090

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["bun", "-e", "const answer = await fetch(`http://127.0.0.1:${process.env.PORT || 18765}/health`, { signal: AbortSignal.timeout(4000) }); process.exit(answer.ok ? 0 : 1)"]

# A command is an argument: `poll`, `migrate` and all the others run from the same image.
ENTRYPOINT ["bun", "--no-install", "dist/main.js"]
CMD ["serve"]
