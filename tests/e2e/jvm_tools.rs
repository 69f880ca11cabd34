//! Projects of tools.build, Gradle and sbt: made, changed by a line, and called. `jvm` does the
//! same with Maven and Leiningen.

use std::fs;

use serde_json::json;

use crate::{
    jvm::{applied, example, nothing_to_do, one_line, replace},
    story::{expect, json as answered},
    support::{Project, Stack},
};

/// A project with these files in its folder instead of the example's file.
fn instead_of(file: &str, project: &Project, files: &[(&str, &str)]) {
    fs::remove_file(project.path().join(file)).expect("a file of the example");
    for (path, text) in files {
        project.write(path, text);
    }
}

/// The base is built once, with any changes of the code.
fn walked(stack: &Stack, project: &Project, base: &str, mode: &str, line: (&str, &str, &str)) {
    let first = applied(project);
    assert!(first.stdout.contains(base), "{first:#?}");
    nothing_to_do(stack, project, 12);
    let (path, from, to) = line;
    replace(project, path, from, to);
    one_line(stack, project, mode);
    nothing_to_do(stack, project, 12);
}

fn incremented(project: &Project) -> serde_json::Value {
    answered(&expect(project.run(&["invoke", "increment", "[41]"]), 0))
}

#[test]
fn a_tools_build_project_is_deployed_and_changed() {
    const DEPS: &str = r#"{:paths ["src"]
 :deps {org.clojure/clojure {:mvn/version "1.12.0"}
        org.clojure/data.json {:mvn/version "2.5.1"}
        com.amazonaws/aws-lambda-java-core {:mvn/version "1.4.0"}}
 :aliases {:build {:deps {io.github.clojure/tools.build {:mvn/version "0.10.10"}}
                   :ns-default build}}}
"#;
    const BUILD: &str = r#"(ns build
  (:require [clojure.tools.build.api :as b]))

(defn uber [_]
  (let [basis (b/create-basis {:project "deps.edn"})]
    (b/compile-clj {:basis basis :ns-compile '[loader.core] :class-dir "target/classes"})
    (b/uber {:basis basis :class-dir "target/classes" :uber-file "target/loader-standalone.jar"})))
"#;
    let stack = Stack::start();
    let project = example(&stack, "clojure-s3");
    instead_of(
        "project.clj",
        &project,
        &[("deps.edn", DEPS), ("build.clj", BUILD)],
    );
    let table = "jvm = { source = \".\", compile = \"none\" }";
    replace(&project, "jot.toml", "jvm = { source = \".\" }", table);
    let line = ("src/loader/core.clj", "2 nil", "2 \"\"");
    walked(&stack, &project, "tools.build)", "none", line);
    let event =
        json!({ "Records": [{ "s3": { "bucket": { "name": "b" }, "object": { "key": "x/y" } } }] });
    let answer = project.run(&["invoke", "load-partition", &event.to_string()]);
    let expected = json!([{ "bucket": "b", "key": "x/y", "table": "", "path": "s3://b/x/y" }]);
    assert_eq!(answered(&expect(answer, 0)), expected);
    expect(project.run(&["destroy", "--yes"]), 0);
}

/// The Java example with another build tool. Its tests do not depend on the number that is added.
fn java(stack: &Stack, files: &[(&str, &str)], table: &str) -> Project {
    let project = example(stack, "java");
    instead_of("pom.xml", &project, files);
    replace(&project, "jot.toml", "jvm = { source = \".\" }", table);
    let adds = "  { name = \"adds one\", argument = [1, 2, 3], expected = [2, 3, 4] },\n";
    replace(&project, "jot.toml", adds, "");
    project
}

/// Modules that the function's module needs are as much the project's own as the function.
#[test]
fn a_module_of_a_gradle_build_is_deployed_and_another_one_changed() {
    const APP: &str = r"plugins { id 'java' }
repositories { mavenCentral() }
dependencies {
    implementation project(':core')
    implementation 'com.amazonaws:aws-lambda-java-core:1.4.0'
}
";
    const STEP: &str = "package core;\n\npublic final class Step {\n\
        \x20   public static int size() {\n        return 1;\n    }\n}\n";
    let path = "core/src/main/java/core/Step.java";
    let files = [
        ("settings.gradle", "include 'app', 'core'\n"),
        // A task that accesses its project while it runs ends the build then.
        ("gradle.properties", "org.gradle.configuration-cache=true\n"),
        ("app/build.gradle", APP),
        ("core/build.gradle", "plugins { id 'java-library' }\n"),
        (path, STEP),
    ];
    let stack = Stack::start();
    let table = "jvm = { source = \".\", module = \"app\", compile = \"none\", \
        builder_image = \"gradle-of-its-api:8.9-jdk21\" }";
    let project = java(&stack, &files, table);
    let folder = project.path();
    fs::rename(folder.join("src"), folder.join("app/src")).expect("the example's source");
    let source = "app/src/main/java/numerics/Increment.java";
    replace(&project, source, "STEP = 1", "STEP = core.Step.size()");
    walked(
        &stack,
        &project,
        "Gradle)",
        "none",
        (path, "return 1", "return 2"),
    );
    assert_eq!(incremented(&project), json!([43]));
    expect(project.run(&["destroy", "--yes"]), 0);
}

#[test]
fn an_sbt_project_in_scala_is_deployed_and_changed() {
    const BUILD: &str = r#"name := "increment"
version := "1.0.0"
scalaVersion := "2.13.16"
libraryDependencies += "com.amazonaws" % "aws-lambda-java-core" % "1.4.0"
"#;
    const SOURCE: &str = r"package numerics

import java.util.{List => Numbers}

import com.amazonaws.services.lambda.runtime.{Context, RequestHandler}

import scala.jdk.CollectionConverters._

class Increment extends RequestHandler[Numbers[Integer], Numbers[Integer]] {
  private val step = 1

  def handleRequest(numbers: Numbers[Integer], context: Context): Numbers[Integer] =
    numbers.asScala.map(number => Integer.valueOf(number + step)).asJava
}
";
    let path = "src/main/scala/numerics/Increment.scala";
    let files = [
        ("build.sbt", BUILD),
        ("project/build.properties", "sbt.version=1.12.13\n"),
        (path, SOURCE),
    ];
    let stack = Stack::start();
    let project = java(&stack, &files, "jvm = { source = \".\" }");
    fs::remove_dir_all(project.path().join("src/main/java")).expect("the example's source");
    let line = (path, "step = 1", "step = 2");
    walked(&stack, &project, "sbt)", "archive", line);
    assert_eq!(incremented(&project), json!([43]));
    expect(project.run(&["destroy", "--yes"]), 0);
}
