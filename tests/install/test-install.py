#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is installed is complete, lies where others look, and is accepted by those who read it.

Usage: test-install.py MESON BUILD SOURCE VERSION [NAME=VALUE...] [PART...]
NAME=VALUE are folders of tests/install/installed.txt, PART its words before a colon. Installs into
an empty folder; the program speaks TAP.
"""

import configparser
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

APP_ID = "io.github.cloveproxy.Clove"


class Skip(Exception):
    """A tool is not installed."""


def run(*command):
    """Runs a checker; what it says is told if it finds something."""
    if shutil.which(command[0]) is None:
        raise Skip(f"{command[0]} is not installed")
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        env=dict(os.environ, LC_ALL="C.UTF-8"),
    )
    line = " ".join(command)
    assert result.returncode == 0, f"{line}: status {result.returncode}\n{result.stdout}"
    return result.stdout


def read(path):
    with open(path, encoding="utf-8") as lines:
        return lines.read()


class Installation:
    def __init__(self, meson, build, source, version, rest, folder):
        self.meson, self.build, self.source, self.version = meson, build, source, version
        self.places = dict(word.split("=", 1) for word in rest if "=" in word)
        self.parts = {word for word in rest if "=" not in word}
        self.folder = folder

    def find(self, place, *names):
        return os.path.join(self.folder, self.places[place].lstrip("/"), *names)

    def find_data(self, *names):
        return self.find("datadir", *names)

    def find_metainfo(self):
        return self.find_data("metainfo", APP_ID + ".metainfo.xml")

    def read_desktop_file(self):
        parser = configparser.ConfigParser(interpolation=None, delimiters="=")
        parser.optionxform = str
        parser.read(self.find_data("applications", APP_ID + ".desktop"), encoding="utf-8")
        return parser

    def list_expected(self):
        languages = read(os.path.join(self.source, "po", "LINGUAS")).splitlines()[1:]
        for line in read(os.path.join(self.source, "tests/install/installed.txt")).splitlines():
            part, _, path = line.rpartition(": ")
            if line.startswith("#") or (part and part not in self.parts):
                continue
            for language in languages if "{language}" in path else [""]:
                yield path.format(language=language, **self.places)

    # The checks.

    def test_files(self):
        subprocess.run(
            [self.meson, "install", "-C", self.build, "--no-rebuild", "--quiet",
             "--destdir", self.folder],
            check=True, stdout=subprocess.DEVNULL,
        )
        found = {
            "/" + os.path.relpath(os.path.join(parent, name), self.folder)
            for parent, _, names in os.walk(self.folder)
            for name in names
        }
        expected = set(self.list_expected())
        problems = [f"missing: {path}" for path in sorted(expected - found)]
        problems += [f"not in installed.txt: {path}" for path in sorted(found - expected)]
        assert not problems, "\n".join(problems)

    def test_modes(self):
        programs = {self.places["bindir"], self.places["libexecdir"] + "/clove"}
        for parent, _, names in os.walk(self.folder):
            for name in names:
                mode = os.stat(os.path.join(parent, name)).st_mode & 0o7777
                is_program = "/" + os.path.relpath(parent, self.folder) in programs
                assert mode == (0o755 if is_program else 0o644), f"{parent}/{name}: {mode:o}"

    def test_desktop_file(self):
        run("desktop-file-validate", self.find_data("applications", APP_ID + ".desktop"))
        entries = self.read_desktop_file()
        main = entries["Desktop Entry"]
        icons = self.find_data("icons", "hicolor", "scalable", "apps")
        assert os.path.isfile(os.path.join(icons, main["Icon"] + ".svg")), main["Icon"]
        assert os.path.isfile(self.find("bindir", main["Exec"])), main["Exec"]
        options = run(self.find("bindir", main["Exec"]), "--help").split()
        for action in main["Actions"].rstrip(";").split(";"):
            command = entries[f"Desktop Action {action}"]["Exec"].split()
            assert command[0] == main["Exec"] and command[1] in options, command

    def test_service(self):
        service = configparser.ConfigParser(interpolation=None, delimiters="=")
        service.read(self.find_data("dbus-1", "services", APP_ID + ".service"))
        section = service["D-BUS Service"]
        assert section["Name"] == APP_ID
        assert section["Exec"] == self.places["bindir"] + "/clove --gapplication-service"

    def test_metainfo(self):
        run("appstreamcli", "validate", "--no-net", self.find_metainfo())

    def list_icons(self):
        for parent, _, names in os.walk(self.find_data("icons")):
            yield from (os.path.join(parent, name) for name in sorted(names))

    def test_xml(self):
        run(
            "xmllint", "--nonet", "--noout", self.find_metainfo(),
            self.find_data("dbus-1", "interfaces", APP_ID + ".xml"),
            self.find_data("glib-2.0", "schemas", APP_ID + ".gschema.xml"),
            *self.list_icons(),
        )

    def test_versions(self):
        """A release is said in three places, and its pictures are those of its tag."""
        component = ElementTree.parse(self.find_metainfo()).getroot()
        release = component.find("releases/release")
        assert release.get("version") == self.version, release.get("version")
        changelog = read(os.path.join(self.source, "build-aux/debian/changelog"))
        assert changelog.startswith(f"clove ({self.version}) "), changelog.splitlines()[0]
        marker = f"/raw/v{self.version}/"
        images = component.findall("screenshots/screenshot/image")
        assert images, "no screenshots"
        for image in images:
            before, tag, path = image.text.partition(marker)
            assert tag and before == component.find("url[@type='homepage']").text, image.text
            with open(os.path.join(self.source, path), "rb") as picture:
                size = struct.unpack(">II", picture.read(24)[16:])
            assert size == (int(image.get("width")), int(image.get("height"))), (path, size)

    def test_schema(self):
        run("glib-compile-schemas", "--strict", "--dry-run", self.find_data("glib-2.0", "schemas"))

    def list_manuals(self):
        folder = self.find("mandir", "man1")
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]

    def test_manuals_by_mandoc(self):
        run("mandoc", "-T", "lint", "-W", "warning", *self.list_manuals())

    def test_manuals_by_man(self):
        for manual in self.list_manuals():
            output = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", manual)
            assert "warning:" not in output, output

    def test_user_unit(self):
        unit = read(self.find("prefix", "lib/systemd/user/clove-proxy.service"))
        installed = self.places["bindir"] + "/clove-proxy"
        assert f"ExecStart={installed} " in unit
        copy = os.path.join(self.folder, "clove-proxy.service")
        with open(copy, "w", encoding="utf-8") as file:
            file.write(unit.replace(installed, self.find("bindir", "clove-proxy")))
        # It passes what it ignores: words that it does not know, values that it cannot read.
        output = run("systemd-analyze", "verify", "--user", "--man=no", copy)
        ignored = [line for line in output.splitlines() if line.startswith(copy)]
        assert not ignored, "\n".join(ignored)
        # In tenths; 10.0 is a unit without any protection.
        run("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=25", copy)


def main():
    meson, build, source, version, *rest = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="clove-install-") as folder:
        # systemd-analyze wants one.
        os.environ["XDG_RUNTIME_DIR"] = folder
        root = os.path.join(folder, "root")
        installation = Installation(meson, build, source, version, rest, root)
        names = [name for name in vars(Installation) if name.startswith("test_")]
        checks = [getattr(installation, name) for name in names]
        print(f"1..{len(checks)}", flush=True)
        n_bad = 0
        for number, check in enumerate(checks, 1):
            name = check.__name__
            try:
                check()
                print(f"ok {number} {name}", flush=True)
            except Skip as reason:
                print(f"ok {number} {name} # SKIP {reason}", flush=True)
            except Exception as problem:  # pylint: disable=broad-except
                n_bad += 1
                lines = str(problem).splitlines() or [repr(problem)]
                print("\n".join(f"# {line}" for line in lines))
                print(f"not ok {number} {name}", flush=True)
    return 1 if n_bad else 0


if __name__ == "__main__":
    sys.exit(main())
