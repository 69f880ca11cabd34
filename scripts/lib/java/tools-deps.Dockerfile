# The `clojure` command is in no package: a stand-in for it on the library that it is made of.
FROM maven:3-eclipse-temurin-25 AS library
RUN mkdir /w && cd /w \
 && printf '<project><modelVersion>4.0.0</modelVersion>\
<groupId>w</groupId><artifactId>w</artifactId><version>1</version>\
<dependencies>\
<dependency><groupId>org.clojure</groupId><artifactId>clojure</artifactId>\
<version>1.12.0</version></dependency>\
<dependency><groupId>org.clojure</groupId><artifactId>tools.deps</artifactId>\
<version>0.22.1492</version></dependency>\
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId>\
<version>1.7.36</version></dependency>\
</dependencies>\
</project>' >pom.xml \
 && mvn -B -q dependency:copy-dependencies -DincludeScope=runtime \
    -DoutputDirectory=/usr/local/lib/clojure

FROM eclipse-temurin:25-jdk
RUN apt-get update && apt-get install --yes --no-install-recommends git \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/*.log /var/log/apt
COPY --from=library /usr/local/lib/clojure/ /usr/local/lib/clojure/
COPY tools-deps.clj /usr/local/lib/clojure/tools-deps.clj
RUN printf '#!/bin/sh\nexec java -cp "/usr/local/lib/clojure/*" clojure.main \
/usr/local/lib/clojure/tools-deps.clj "$@"\n' >/usr/local/bin/clojure \
 && chmod 755 /usr/local/bin/clojure
CMD ["clojure"]
