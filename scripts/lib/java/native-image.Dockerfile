# A stand-in for GraalVM's image, which tests cannot download: NativeImage.java says what differs.
FROM eclipse-temurin:25-jdk
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/*.log /var/log/apt
RUN jlink --add-modules java.base,java.logging,java.naming,java.sql,java.xml,jdk.unsupported \
    --compress zip-6 --strip-java-debug-attributes --no-header-files --no-man-pages \
    --exclude-files 'glob:**.debuginfo' \
    --output /opt/stand-in/runtime
# The loader, and the libraries that it finds for the JRE.
RUN cd /opt/stand-in && mkdir libraries && cp -L /lib*/ld-linux-*.so.* libraries/loader \
 && for file in runtime/bin/java runtime/lib/*.so runtime/lib/server/libjvm.so; do \
      libraries/loader --list "$file"; done | sed -n 's|.* => \(/[^ ]*\) (.*|\1|p' \
    | grep -v /stand-in/ | sort -u | xargs cp -L -t libraries \
 && cd /lib/*-linux-gnu && cp -L librt.so.1 libresolv.so.2 libnss_dns.so.2 /opt/stand-in/libraries/
COPY . /opt/stand-in/
RUN cd /opt/stand-in \
 && gcc -O1 -shared -fPIC -I"$JAVA_HOME/include" -I"$JAVA_HOME/include/linux" \
      -o "$JAVA_HOME/lib/libnative-image-agent.so" agent.c \
 && javac -d program NativeImage.java \
 && javac -d names Names.java Start.java MissingReflectionRegistrationError.java \
 && printf '#!/bin/sh\nexec java -cp /opt/stand-in/program NativeImage "$@"\n' >native-image \
 && install -m 755 native-image "$JAVA_HOME/bin/"
ENTRYPOINT ["native-image"]
