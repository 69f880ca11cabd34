plugins {
    kotlin("jvm") version "2.1.0"
}

dependencies {
    implementation("com.amazonaws:aws-lambda-java-core:1.3.0")
}
