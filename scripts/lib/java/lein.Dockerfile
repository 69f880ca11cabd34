FROM eclipse-temurin:25-jdk
# Debian's package asks for Debian's default Java, of which a second one would come.
RUN mkdir -p /tmp/java/DEBIAN \
 && printf 'Package: default-jre-headless\nVersion: 2:99\nArchitecture: all\nMaintainer: none\n\
Provides: java-runtime-headless, java8-runtime-headless\n\
Description: stands for the JDK that is here\n' >/tmp/java/DEBIAN/control \
 && dpkg-deb --build /tmp/java /tmp/java.deb && dpkg -i /tmp/java.deb \
 && rm -rf /tmp/java /tmp/java.deb \
 && apt-get update && apt-get install --yes --no-install-recommends leiningen git \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/*.log /var/log/apt
ENV LEIN_ROOT=1
WORKDIR /tmp
CMD ["lein", "repl"]
