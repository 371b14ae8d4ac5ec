# Which base: the debug one, or distroless
ARG BASE_DISTRIBUTION=debug

ARG BASE_REGISTRY=localhost/slipway-demo
ARG BASE_VERSION=dev

FROM ${BASE_REGISTRY}/base:${BASE_VERSION} AS debug

FROM ${BASE_REGISTRY}/distroless:${BASE_VERSION} AS distroless

FROM ${BASE_DISTRIBUTION:-debug}

COPY licenses /usr/share/licenses

# Four images share this file: two tools in two release lines each
ARG TOOL
ARG SOURCE=${TOOL}
ARG TARGETARCH
COPY ${TARGETARCH:-amd64}/${SOURCE} /usr/local/bin/${TOOL}
COPY --chown=1337:1337 turbo.json /etc/demo/

ARG DEMO_VERSION
ENV DEMO_VERSION=$DEMO_VERSION
ENV TURBO_TELEMETRY_DISABLED=1 MOON_TOOLCHAIN_FORCE_GLOBALS=true
LABEL org.opencontainers.image.title="${TOOL}" \
      dev.slipway.demo.source="${SOURCE}"

WORKDIR /project
VOLUME /project
USER 1337:1337
CMD ["--version"]
