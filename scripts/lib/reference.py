"""Writes the reference of every key and every command of jot as pages of the book."""

import json
import re
import subprocess
import sys
from pathlib import Path

GENERATED = "<!-- Written by `scripts/reference`; do not edit. -->\n"
GLOBAL = "Options of every command:"

KEYS = """\
# Keys of jot.toml

{generated}
One section per table. Every key is optional unless its section says that it is required. Unless its
description names a default, a key that jot.toml does not have is not managed: jot leaves what
Lambda has. `jot generate example` prints a file with every key, and `jot generate schema` the JSON
schema that this page is made of, for editors.

A *reference* is a table that says where the value is, such as `{{ from_ssm = "/path" }}`:
[Secrets and references](../guides/secrets.md).
"""

COMMANDS = """\
# Commands

{generated}
What `jot help` prints, command by command. Options that every command has are listed once, at the
end.
"""


def said(jot, *words):
    """What jot prints on stdout."""
    ended = subprocess.run(
        [jot, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if ended.returncode:
        sys.exit(f"jot {' '.join(words)}: exit status {ended.returncode}\n{ended.stderr}")
    return ended.stdout


class Keys:
    """The schema of the manifest, as sections of tables."""

    def __init__(self, schema):
        self.schema = schema
        self.sections = []
        self.headings = {}

    def resolved(self, node):
        """A node without references, and the name of its definition. Its own description counts."""
        name = None
        while True:
            if "$ref" in node:
                name = node["$ref"].split("/")[-1]
                node = {
                    **self.schema["definitions"][name],
                    **{k: v for k, v in node.items() if k != "$ref"},
                }
            elif len(node.get("allOf", [])) == 1:
                inner = node["allOf"][0]
                node = {**inner, **{k: v for k, v in node.items() if k != "allOf"}}
            else:
                return node, name

    def kind(self, node, path):
        """What a value may be, in words. Tables below it become sections of their own."""
        node, name = self.resolved(node)
        if name == "Source":
            return "reference"
        variants = node.get("anyOf") or node.get("oneOf")
        if variants:
            return either(list(dict.fromkeys(self.kind(one, path) for one in variants)))
        if "const" in node:
            return f"`{json.dumps(node['const'])}`"
        if "enum" in node:
            return either([f"`{json.dumps(one)}`" for one in node["enum"]])
        if node.get("properties"):
            return f"[table](#{anchor(self.section(path, node, name))})"
        if node.get("type") == "array":
            return f"list of {plural(self.kind(node.get('items', {}), path + '[]'))}"
        if node.get("type") == "object":
            values = node.get("additionalProperties")
            if isinstance(values, dict):
                return f"table of {plural(self.kind(values, path + '.NAME'))} by name"
            return "table"
        return self.scalar(node)

    @staticmethod
    def scalar(node):
        word = {
            "string": "text",
            "integer": "whole number",
            "number": "number",
            "boolean": "true or false",
        }
        text = word.get(node.get("type"), "any value")
        least, most = node.get("minimum"), node.get("maximum")
        if most is not None and most < 2**31 - 1:
            return f"{text}, {least if least is not None else 0} to {most}"
        if least:
            return f"{text}, at least {least}"
        return text

    def section(self, path, node, name):
        """Makes the section of a table, once for each definition; returns its heading."""
        if name in self.headings:
            return self.headings[name]
        heading = path
        if name:
            self.headings[name] = heading
        place = len(self.sections)
        self.sections.append(None)
        rows = []
        for key, value in node["properties"].items():
            inner = f"{path}.{key}" if path else key
            value, _ = self.resolved(value)
            kind = self.kind(node["properties"][key], inner)
            words = [one_line(value.get("description", ""))]
            words += self.values(value)
            if "default" in value and "efault" not in words[0]:
                words.append(f"Default `{json.dumps(value['default'])}`.")
            required = "**Required.** " if key in node.get("required", []) else ""
            rows.append(
                f"| `{key}` | {cell(kind)} | {required}{cell(' '.join(filter(None, words)))} |"
            )
        text = f"## `{heading}`\n\n{one_line(node.get('description', ''))}\n\n"
        text += "| key | value | meaning |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"
        self.sections[place] = text
        return heading

    @staticmethod
    def values(node):
        """What each of the values of a choice means."""
        told = [
            f"`{json.dumps(one['const'])}`: {one_line(one['description'])}"
            for one in node.get("oneOf", [])
            if "const" in one and one.get("description")
        ]
        return told

    def page(self):
        properties = self.schema["properties"]
        # What `[defaults]` has is what a function has: it is told there.
        order = ["project", "aws", "functions", "defaults", "targets"]
        order += [key for key in properties if key not in order]
        overview = ["\n| table | meaning |\n| --- | --- |"]
        for key in order:
            node, _ = self.resolved(properties[key])
            kind = self.kind(properties[key], key)
            overview.append(
                f"| `[{key}]` | {cell(one_line(node.get('description', '')))} {cell(kind)} |"
            )
        head = KEYS.format(generated=GENERATED)
        return head + "\n".join(overview) + "\n\n" + "\n".join(self.sections)


def plural(kind):
    ends = {
        "text": "texts",
        "table": "tables",
        "whole number": "whole numbers",
        "reference": "references",
    }
    if kind.startswith("[table]"):
        return kind.replace("[table]", "[tables]", 1)
    return " or ".join(ends.get(one, one) for one in kind.split(" or "))


def either(kinds):
    """`a or b`, or `a, b, c` of more."""
    return " or ".join(kinds) if len(kinds) < 3 else ", ".join(kinds)


def anchor(heading):
    """The anchor that mdBook and GitHub give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def one_line(text):
    return " ".join(text.split())


def cell(text):
    return text.replace("|", "\\|")


def commands(jot):
    top = said(jot, "help")
    parts = [COMMANDS.format(generated=GENERATED), block("jot", without_global(top))]
    for name in listed(top):
        if name == "help":
            continue
        text = said(jot, "help", name)
        parts.append(block(f"jot {name}", without_global(text)))
        parts += [
            block(f"jot {name} {one}", without_global(said(jot, "help", name, one)))
            for one in listed(text)
            if one != "help"
        ]
    options = top[top.index(GLOBAL) + len(GLOBAL):].split("\n\nExamples:")[0].strip("\n")
    parts.append(block("Options of every command", options, "##"))
    return "\n".join(parts)


def listed(text):
    """The commands that a help lists."""
    if "\nCommands:\n" not in text:
        return []
    lines = text.split("\nCommands:\n")[1].split("\n\n")[0].splitlines()
    return [line.split()[0] for line in lines if re.match(r"  \S", line)]


def without_global(text):
    """A help without the options that every command has, and without those of help and version."""
    before, _, after = text.partition("\n" + GLOBAL)
    _, examples, rest = after.partition("\n\nExamples:")
    text = before.rstrip() + (examples + rest if examples else "")
    text = re.sub(r"\n\n  -h, --help\n +Print help[^\n]*", "", text)
    text = re.sub(r"\n\n  -V, --version\n +Print version", "", text)
    text = re.sub(r"Options:\n  -h, --help\n +Print help[^\n]*\n*", "", text)
    return re.sub(r"\n{3,}", "\n\n", text)


def block(heading, text, level="##"):
    text = "\n".join(line.rstrip() for line in text.strip("\n").splitlines())
    heading = f"`{heading}`" if heading.startswith("jot") else heading
    return f"{level} {heading}\n\n```text\n{text}\n```\n"


def main():
    jot, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    schema = json.loads(said(jot, "generate", "schema"))
    (folder / "keys.md").write_text(Keys(schema).page(), encoding="utf-8")
    (folder / "commands.md").write_text(commands(jot), encoding="utf-8")


if __name__ == "__main__":
    main()
