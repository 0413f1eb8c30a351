# syntax=docker/dockerfile:1
# One nats-server of Parley's cluster: the official image with our two configuration files and an owner for /data. From the
# repository's root:
#
#   docker build --file deploy/nats.Dockerfile --tag parley-nats:0.1.0 .
FROM nats:2.15.1-alpine
LABEL org.opencontainers.image.title="nats-server for Parley" org.opencontainers.image.licenses="Apache-2.0"
# nats-cluster.conf includes ../nats-server.conf.
COPY nats-server.conf /etc/parley/nats-server.conf
COPY deploy/nats-cluster.conf /etc/parley/deploy/nats-cluster.conf
RUN mkdir -p /data && chown 1000:1000 /data && chmod 0700 /data
USER 1000:1000
VOLUME /data
EXPOSE 4222 6222 8222
# Lame duck: clients are moved to the other servers over 30 s before this one ends.
STOPSIGNAL SIGUSR2
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 \
  CMD ["wget", "--quiet", "--output-document=-", "http://127.0.0.1:8222/healthz"]
ENTRYPOINT ["nats-server"]
CMD ["--config", "/etc/parley/deploy/nats-cluster.conf"]
