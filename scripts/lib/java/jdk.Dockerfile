FROM debian:trixie-slim
ARG RELEASE
ENV JAVA_HOME=/opt/java/openjdk \
    PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    LANG=C.UTF-8
# Java's package links its manuals, which are not here, and fails without the folder.
RUN mkdir -p /usr/share/man/man1 && apt-get update \
 && apt-get install --yes --no-install-recommends openjdk-$RELEASE-jdk-headless \
 && mkdir -p /opt/java && ln -s "$(echo /usr/lib/jvm/java-$RELEASE-openjdk-*)" /opt/java/openjdk \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/*.log /var/log/apt
CMD ["jshell"]
