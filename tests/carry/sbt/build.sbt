ThisBuild / scalaVersion := "3.3.4"

lazy val root = (project in file(".")).settings(
  name := "orders",
  libraryDependencies += "com.amazonaws" % "aws-lambda-java-core" % "1.3.0"
)
