#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every language is complete, and no placeholder is lost: test-translations.py SOURCE-FOLDER

The messages are extracted anew, so a text that was added or changed and not translated fails here.
"""

import os
import re
import subprocess
import sys
import tempfile

ISOLATES = "\u2066\u2067\u2068\u2069"


def read_messages(path):
    """Returns {(context, id, plural id): [texts]} of the messages that are in use and not fuzzy.

    What msgfmt checks is left to it: it knows which texts are formats, and of which kind."""
    text = subprocess.run(
        ["msgattrib", "--no-obsolete", "--no-fuzzy", "--no-wrap", path],
        check=True, capture_output=True, text=True, encoding="utf-8",
    ).stdout
    messages = {}
    for block in re.split(r"\n\s*\n", text):
        fields = {}
        name = None
        for line in block.splitlines():
            match = re.match(r'(msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?) "(.*)"$', line)
            if match:
                name = match.group(1)
                fields[name] = match.group(2)
            elif line.startswith('"') and name:
                fields[name] += line[1:-1]
        if fields.get("msgid"):
            key = (fields.get("msgctxt"), fields["msgid"], fields.get("msgid_plural"))
            messages[key] = [value for part, value in fields.items() if part.startswith("msgstr")]
    return messages


def extract(source, folder):
    """Extracts the template as the build does."""
    template = os.path.join(folder, "clove.pot")
    potfiles = os.path.join(source, "po", "POTFILES")
    subprocess.run(
        [
            "xgettext", "--from-code=UTF-8", "--add-comments=Translators", "--files-from=" + potfiles,
            "--directory=" + source, "--output=" + template, "--keyword=_", "--keyword=N_",
            "--keyword=C_:1c,2", "--keyword=NC_:1c,2", "--keyword=g_dngettext:2,3",
            "--flag=g_strdup_printf:1:c-format",
        ],
        check=True, capture_output=True,
    )
    return template


def problems_of(key, texts):
    message = key[1]
    for text in texts:
        for isolate in ISOLATES:
            if text.count(isolate) != message.count(isolate):
                yield f"isolates lost: “{message}” → “{text}”"
        if not text:
            yield f"empty: “{message}”"


def check(source, language, template):
    path = os.path.join(source, "po", language + ".po")
    run = subprocess.run(
        ["msgfmt", "--check", "--check-accelerators=_", "-o", os.devnull, path],
        capture_output=True, text=True,
    )
    problems = [] if run.returncode == 0 else run.stderr.splitlines()
    translated = read_messages(path)
    for key in template:
        if key not in translated:
            problems.append(f"not translated: “{key[1]}”")
        else:
            problems.extend(problems_of(key, translated[key]))
    return problems


def read_template(path):
    """Returns the keys of the template, whose texts are empty: they are filled in to be read."""
    filled = path + ".filled"
    subprocess.run(["msgen", "--no-wrap", "-o", filled, path], check=True, capture_output=True)
    return list(read_messages(filled))


def main():
    source = sys.argv[1]
    with open(os.path.join(source, "po", "LINGUAS"), encoding="utf-8") as lines:
        languages = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    with tempfile.TemporaryDirectory() as folder:
        template = read_template(extract(source, folder))
    print(f"1..{len(languages) + 1}")
    is_good = len(languages) == 10 and len(template) > 300
    print("ok" if is_good else "not ok", "1 ten languages")
    for number, language in enumerate(languages, start=2):
        problems = check(source, language, template)
        for problem in problems:
            print("#", problem)
        is_good = is_good and not problems
        print("not ok" if problems else "ok", number, language)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
