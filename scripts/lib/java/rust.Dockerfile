FROM debian:trixie-slim
RUN apt-get update && apt-get install --yes --no-install-recommends rustc cargo gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/*.log /var/log/apt
