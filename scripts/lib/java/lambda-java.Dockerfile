# Laid out as AWS's image of the managed runtime: client in /var/runtime/lib, code in /var/task.
ARG RELEASE=25
FROM eclipse-temurin:${RELEASE}-jdk
ENV LANG=en_US.UTF-8 TZ=:/etc/localtime LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime
COPY lambda-entrypoint.sh /lambda-entrypoint.sh
COPY aws-lambda-rie /usr/local/bin/aws-lambda-rie
COPY lib/ /var/runtime/lib/
COPY bootstrap /var/runtime/bootstrap
WORKDIR /var/task
ENTRYPOINT ["/lambda-entrypoint.sh"]
