package jot;

import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.xml.parsers.DocumentBuilderFactory;

/** A Maven repository, with the user and password that Maven's settings have for it. */
record Repository(String url, String user, String password) {
    private static final String CENTRAL = "https://repo1.maven.org/maven2";
    private static final Path SETTINGS = Path.of("/root/.m2/settings.xml");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{env\\.([^}]+)}");

    static Repository found() throws Exception {
        String given = System.getenv("JOT_MAVEN_REPOSITORY");
        if (given != null && !given.isBlank()) {
            return new Repository(given, null, null);
        }
        if (!Files.exists(SETTINGS) || Files.size(SETTINGS) == 0) {
            return new Repository(CENTRAL, null, null);
        }
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        Element root = factory.newDocumentBuilder().parse(SETTINGS.toFile()).getDocumentElement();
        NodeList mirrors = root.getElementsByTagName("mirror");
        for (int i = 0; i < mirrors.getLength(); i++) {
            Element mirror = (Element) mirrors.item(i);
            if (isForCentral(text(mirror, "mirrorOf"))) {
                return withServer(root, text(mirror, "id"), text(mirror, "url"));
            }
        }
        return new Repository(CENTRAL, null, null);
    }

    URI address(String path) {
        return URI.create(url.replaceAll("/+$", "") + "/" + path);
    }

    Optional<String> authorization() {
        if (user == null) {
            return Optional.empty();
        }
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return Optional.of("Basic " + Base64.getEncoder().encodeToString(pair));
    }

    /** Without what may be a secret. */
    String shown() {
        return url.replaceFirst("//[^/@]*@", "//");
    }

    /** As Maven reads it: https://maven.apache.org/guides/mini/guide-mirror-settings.html */
    private static boolean isForCentral(String patterns) {
        boolean matches = false;
        for (String pattern : patterns.split(",")) {
            switch (pattern.strip()) {
                case "!central" -> {
                    return false;
                }
                case "*", "central", "external:*" -> matches = true;
                default -> {}
            }
        }
        return matches;
    }

    private static Repository withServer(Element root, String id, String url) {
        NodeList servers = root.getElementsByTagName("server");
        for (int i = 0; i < servers.getLength(); i++) {
            Element server = (Element) servers.item(i);
            if (id.equals(text(server, "id")) && !text(server, "username").isEmpty()) {
                return new Repository(url, text(server, "username"), text(server, "password"));
            }
        }
        return new Repository(url, null, null);
    }

    private static String text(Element element, String name) {
        NodeList found = element.getElementsByTagName(name);
        String text = found.getLength() == 0 ? "" : found.item(0).getTextContent().strip();
        return VARIABLE.matcher(text)
                .replaceAll(
                        match -> {
                            String value = System.getenv(match.group(1));
                            return Matcher.quoteReplacement(value == null ? "" : value);
                        });
    }
}
