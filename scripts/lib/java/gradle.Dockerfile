# Gradle is in no package that is not many years old: one made of the jar that its plugins are
# compiled against. As in Gradle's own image, what root keeps at home is in the home of another
# user.
FROM maven:3-eclipse-temurin-25 AS distribution
RUN mkdir /w && cd /w \
 && printf '<project><modelVersion>4.0.0</modelVersion>\
<groupId>w</groupId><artifactId>w</artifactId><version>1</version>\
<dependencies>\
<dependency><groupId>dev.gradleplugins</groupId><artifactId>gradle-api</artifactId>\
<version>8.9</version></dependency>\
<dependency><groupId>javax.inject</groupId><artifactId>javax.inject</artifactId>\
<version>1</version></dependency>\
<dependency><groupId>org.slf4j</groupId><artifactId>jul-to-slf4j</artifactId>\
<version>1.7.32</version></dependency>\
<dependency><groupId>org.slf4j</groupId><artifactId>jcl-over-slf4j</artifactId>\
<version>1.7.32</version></dependency>\
</dependencies>\
</project>' >pom.xml \
 && mvn -B -q dependency:copy-dependencies -DincludeTypes=jar -DoutputDirectory=/w/jars
COPY . /w/
RUN cd /w && java Distribution.java jars /opt/gradle \
 && mkdir /opt/gradle/bin /opt/gradle/init.d \
 && cp gradle /opt/gradle/bin/ && cp init.gradle /opt/gradle/init.d/ \
 && chmod 755 /opt/gradle/bin/gradle

FROM eclipse-temurin:21-jdk
COPY --from=distribution /opt/gradle/ /opt/gradle/
RUN ln -s /opt/gradle/bin/gradle /usr/bin/gradle \
 && mkdir -p /home/gradle/.gradle && ln -s /home/gradle/.gradle /root/.gradle
CMD ["gradle"]
