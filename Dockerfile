# Tagrelay on one machine, as a container. Needs one volume, /data, and no other place to write: the root file system can be
# read-only. Build it in the root of the repository: docker build -t tagrelay .

# Both stages: the packages contain a native module, which has to fit the libc. Any image with Node 24, npm and a shell works.
ARG BASE=docker.io/library/node:24-alpine

FROM ${BASE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# With npm settings of your own, such as another registry: docker build --secret id=npmrc,src=$HOME/.npmrc .
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
    npm ci --omit=dev --ignore-scripts --no-audit --no-update-notifier \
    # The local program starts without these: sources of the native module, other systems' binaries, types, maps, documents.
    && rm -rf node_modules/classic-level/deps \
      node_modules/classic-level/prebuilds/android-* node_modules/classic-level/prebuilds/darwin-* \
      node_modules/classic-level/prebuilds/win32-* \
    && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -name '*.map' -o -name '*.md' \) \
      -exec rm -f {} +
COPY functions functions
COPY shared shared
COPY docs/openapi.json docs/openapi.json
# The sample, for a first start without a configuration.
COPY tagrelay.yaml tagrelay.yaml

FROM ${BASE}
# By numbers, because not every base has the user "node". Owned by root: the program cannot change itself.
COPY --from=build /app /app
RUN mkdir -p /data /config && chown 1000:1000 /data && chmod 700 /data \
    && mkdir -p /usr/local/bin && ln -s /app/functions/cli/tagrelay.js /usr/local/bin/tagrelay
ENV NODE_ENV=production TAGRELAY_DATA=/data
# tagrelay.yaml and .env are read from here.
WORKDIR /config
USER 1000:1000
VOLUME /data
EXPOSE 8787
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["node", "-e", "fetch('http://127.0.0.1:8787/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/functions/cli/tagrelay.js"]
# Without --live, builds are simulated.
CMD ["start", "--host", "0.0.0.0"]
