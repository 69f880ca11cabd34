# The `sbt` command on sbt's own launcher, which takes the sbt that a project's build.properties
# names. As in sbtscala's images without a cache, what root keeps at home is in the home of another
# user.
FROM maven:3-eclipse-temurin-25 AS launcher
RUN mvn -B -q dependency:copy -Dartifact=org.scala-sbt:sbt-launch:1.12.13 \
    -DoutputDirectory=/launcher -Dmdep.stripVersion

FROM eclipse-temurin:25-jdk
COPY --from=launcher /launcher/sbt-launch.jar /usr/share/sbt/bin/sbt-launch.jar
RUN printf '#!/bin/sh\n[ "$1" != -batch ] || { shift; exec </dev/null; }\n\
exec java $SBT_OPTS -jar /usr/share/sbt/bin/sbt-launch.jar "$@"\n' >/usr/local/bin/sbt \
 && chmod 755 /usr/local/bin/sbt \
 && mkdir -p /home/sbtuser/.sbt /home/sbtuser/.cache \
 && ln -s /home/sbtuser/.sbt /home/sbtuser/.cache /root/
ENV HOME=/home/sbtuser
WORKDIR /root
CMD ["sbt"]
