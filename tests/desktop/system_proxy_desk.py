# SPDX-License-Identifier: GPL-3.0-or-later
"""A user's folders with a desktop's proxy settings in them, and a way to wait for things."""

import configparser
import os
import pathlib
import shutil
import tempfile

import gi

gi.require_version("Gio", "2.0")
from gi.repository import GLib  # noqa: E402

DEADLINE_S = 30
OLD_URL = "http://proxy.example/old.pac"
KIO_GROUP = "[Proxy Settings]\n"


def wait_until(condition, what, deadline_s=DEADLINE_S):
    """Handles events until condition() is true, and returns what it returned."""
    end = GLib.get_monotonic_time() + deadline_s * 1000000
    # Not everything that is waited for sends an event here: look now and then.
    tick = GLib.timeout_add(10, lambda: True)
    try:
        while True:
            result = condition()
            if result:
                return result
            if GLib.get_monotonic_time() > end:
                raise AssertionError(f"{what} did not come true in {deadline_s} s")
            GLib.MainContext.default().iteration(True)
    finally:
        GLib.source_remove(tick)


def check(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r} instead of {wanted!r}")


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
            return [int(child) for child in children.read().split()]
    except FileNotFoundError:
        return []


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="ascii") as name:
            return name.read().strip()
    except FileNotFoundError:
        return None


def ignores_signals(pid):
    """Whether the process has come to where it ignores SIGTERM."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("SigIgn:"):
                return bool(int(line.split()[1], 16) & (1 << 14))
    return False


def guard_of(pid):
    """The guard of a process, once it is one."""
    for child in children_of(pid):
        if name_of(child) == "clove-guard" and ignores_signals(child):
            return child
    return None


class Desk:
    """A user's folders."""

    def __init__(self, current_desktop="GNOME"):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="clove-proxy-"))
        self.config = self.folder / "config"
        self.state = self.folder / "state" / "clove"
        self.keyfile = self.config / "glib-2.0" / "settings" / "keyfile"
        self.kioslaverc = self.config / "kioslaverc"
        self.record = self.state / "system-proxy"
        self.keyfile.parent.mkdir(parents=True)
        self.environment = dict(
            os.environ,
            HOME=str(self.folder),
            XDG_CONFIG_HOME=str(self.config),
            XDG_STATE_HOME=str(self.state.parent),
            XDG_CURRENT_DESKTOP=current_desktop,
        )

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def read_gnome(self):
        """(mode, url); None where the user set nothing."""
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(self.keyfile, encoding="utf-8")
        if not parser.has_section("system/proxy"):
            return None, None
        section = parser["system/proxy"]
        return tuple(
            section[key].strip("'") if key in section else None for key in ("mode", "autoconfig-url")
        )

    def write_gnome(self, mode=None, url=None, more=""):
        """As another program does: the file is replaced."""
        text = more
        if mode is not None or url is not None:
            text += "[system/proxy]\n"
        if mode is not None:
            text += f"mode='{mode}'\n"
        if url is not None:
            text += f"autoconfig-url='{url}'\n"
        new = self.keyfile.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.rename(self.keyfile)
