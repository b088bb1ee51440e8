#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manual pages and completions say what --help does: test-options.py SOURCE PROGRAM...

The program speaks TAP.
"""

import os
import re
import shutil
import subprocess
import sys
from functools import partial

# What shells are to make of a few words: program, words, what is offered.
WORDS = [
    ("clove", ["--to"], ["--toggle"]),
    ("clove", ["--help-"], ["--help-all", "--help-gapplication"]),
    ("clove-proxy", ["--no-"], ["--no-kept-entry", "--no-repeat", "--no-standby"]),
    ("clove-proxy", ["ver"], ["version"]),
    ("clove-proxy", ["--auto", "--di"], ["--direct", "--directory="]),
    ("clove-localnet", ["c"], ["ctl"]),
    ("clove-localnet", ["--ke"], ["--keep"]),
    ("clove-localnet", ["ctl", "/nowhere/socket", "re"], ["reorder", "restart", "revive"]),
]


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True,
                          env=dict(os.environ, LC_ALL="C.UTF-8"), timeout=30, **options).stdout


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as lines:
        return lines.read()


def is_installed(program):
    if shutil.which(program) is None:
        print(f"# {program} is not installed")
        return False
    return True


def compare(what, found, expected):
    problems = [f"{what} lacks {option}" for option in sorted(expected - found)]
    problems += [f"{what} has {option} too much" for option in sorted(found - expected)]
    return problems


def list_options(program):
    """The options that --help-all lists if there is such a thing, else --help."""
    text = run(program, "--help")
    if "--help-all" in text:
        text = run(program, "--help-all")
    return set(re.findall(r"(?m)^ +(?:-\w, )?(--[a-z0-9-]+)", text))


def check_manual(source, name, options):
    text = read(source, "docs/man", name + ".1")
    # The list alone: the synopsis need not have them all.
    listed = set(re.findall(r"(?m)^\.It Fl (?:\w , )?(-[a-z0-9-]+)", text))
    problems = compare("the manual page", {"-" + option for option in listed}, options)
    # Not a page that names others only in passing.
    synopsis = text.partition(".Sh SYNOPSIS")[2].partition(".Sh DESCRIPTION")[0]
    mentioned = {"-" + option for option in re.findall(r"(?:Fl|\|) (-[a-z0-9-]+)", synopsis)}
    problems += [f"the synopsis has {option}" for option in sorted(mentioned - options)]
    return problems


def check_commands(source, program):
    """The control lines of the manual page are those that the program knows."""
    text = run(program, "--relays=3", "--exits=1", input="help\n")
    known = set(re.findall(r"(?m)^([a-z]+)(?: [A-Z\[].*| {2,}.*)$", text))
    manual = set(re.findall(r"(?m)^\.It Ic (\w+)", read(source, "docs/man/clove-localnet.1")))
    assert len(known) > 10, text
    problems = compare("the manual page", manual, known)
    for path in ("bash/clove-localnet", "zsh/_clove-localnet", "fish/clove-localnet.fish"):
        # Between the first command of the list and the last.
        words = re.search(r"kill\b[a-z\s]*help", read(source, "data/completions", path)).group()
        problems += compare(path, set(words.split()), known)
    return problems


def check_bash(source, name, options):
    text = read(source, "data/completions/bash", name)
    offered = set()
    for words in re.findall(r"compgen -W '([^']*--[^']*)'", text):
        offered |= {word.rstrip("=") for word in words.split()}
    return compare("bash", offered, options)


def check_zsh(source, name, options):
    offered = set()
    for line in read(source, "data/completions/zsh", "_" + name).splitlines():
        # Behind the options that it excludes.
        match = re.match(r"  '(?:\([^)]*\))?(?:'\{-\w,)?(--[a-z0-9-]+)", line)
        if match:
            offered.add(match.group(1).rstrip("-"))
    problems = compare("zsh", offered, options)
    if is_installed("zsh"):
        run("zsh", "-n", os.path.join(source, "data/completions/zsh", "_" + name))
    return problems


def check_fish(source, name, options):
    path = os.path.join(source, "data/completions/fish", name + ".fish")
    offered = {"--" + option for option in re.findall(r" -l ([a-z0-9-]+)", read(path))}
    problems = compare("fish", offered, options)
    if is_installed("fish"):
        run("fish", "--no-execute", path)
    return problems


def complete_in_bash(source, name, words):
    script = f"""
        source '{source}/data/completions/bash/{name}'
        COMP_WORDS=({name} {' '.join(words)})
        COMP_CWORD={len(words)}
        $(complete -p {name} | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    return run("bash", "-c", script).split()


def complete_in_fish(source, name, words):
    line = " ".join([name, *words])
    script = f"source {source}/data/completions/fish/{name}.fish; complete -C'{line}'"
    return [line.split("\t")[0] for line in run("fish", "--no-config", "-c", script).splitlines()]


def check_words(source):
    problems = []
    shells = {"bash": complete_in_bash}
    if is_installed("fish"):
        shells["fish"] = complete_in_fish
    for shell, complete in shells.items():
        for name, words, expected in WORDS:
            offered = [word.rstrip("=") for word in complete(source, name, words)]
            if sorted(offered) != [word.rstrip("=") for word in expected]:
                problems.append(f"{shell} completes “{name} {' '.join(words)}” to {offered}")
    return problems


def main():
    source, *programs = sys.argv[1:]
    checks = [("words", partial(check_words, source))]
    for program in programs:
        name = os.path.basename(program)
        options = list_options(program)
        assert len(options) > 5, (name, options)
        for kind in (check_manual, check_bash, check_zsh, check_fish):
            checks.append((f"{name} {kind.__name__}", partial(kind, source, name, options)))
        if name == "clove-localnet":
            checks.append(("control lines", partial(check_commands, source, program)))
    print(f"1..{len(checks)}", flush=True)
    is_good = True
    for number, (name, check) in enumerate(checks, 1):
        try:
            problems = check()
        except subprocess.CalledProcessError as error:
            problems = [str(error), *error.stderr.splitlines()]
        for problem in problems:
            print("#", problem)
        is_good = is_good and not problems
        print("not ok" if problems else "ok", number, name, flush=True)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
