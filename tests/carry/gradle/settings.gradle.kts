pluginManagement {
    repositories { gradlePluginPortal() }
}
rootProject.name = "thumbs"
