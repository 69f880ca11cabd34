# Laid out as AWS's image of the managed runtime: client in /var/runtime/lib, code in /var/task. As
# in that image, Java is without the files that only a compiler or a linker of runtimes reads.
ARG RELEASE=25
FROM eclipse-temurin:${RELEASE}-jdk AS jdk
RUN jlink --module-path "$JAVA_HOME/jmods" --add-modules ALL-MODULE-PATH \
    --no-header-files --no-man-pages --generate-cds-archive \
    --exclude-files 'glob:**.debuginfo' --output /java

FROM debian:trixie-slim
ENV JAVA_HOME=/opt/java/openjdk \
    PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV LANG=en_US.UTF-8 TZ=:/etc/localtime LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime
COPY --from=jdk /java /opt/java/openjdk
COPY lambda-entrypoint.sh /lambda-entrypoint.sh
COPY aws-lambda-rie /usr/local/bin/aws-lambda-rie
COPY lib/ /var/runtime/lib/
COPY bootstrap /var/runtime/bootstrap
WORKDIR /var/task
ENTRYPOINT ["/lambda-entrypoint.sh"]
