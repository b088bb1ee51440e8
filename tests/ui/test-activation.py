#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desktop program as a desktop starts it: by its name on the bus, with the installed files.

Usage: test-activation.py CLOVE DESKTOP-FILE SERVICE-FILE, on a display of its own.
Every wait is for a condition, with a deadline; the program speaks TAP.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request

NAME = "io.github.cloveproxy.Clove"
PATH = "/io/github/cloveproxy/Clove"
DEADLINE_S = 30

folder = tempfile.mkdtemp(prefix="clove-activation-")


def prepare(clove, desktop, service):
    """Lays the two files where a desktop looks; the service starts the program that was built."""
    data = os.path.join(folder, "data")
    for part in ("applications", "dbus-1/services"):
        os.makedirs(os.path.join(data, part))
    shutil.copy(desktop, os.path.join(data, "applications"))
    with open(service, encoding="utf-8") as lines:
        text = lines.read()
    # Its own warnings are fatal; those of what else the bus starts need not be.
    program = f"/usr/bin/env G_DEBUG=gc-friendly,fatal-warnings {clove}"
    text, n_times = re.subn(r"(?m)^Exec=/\S+/clove(?= )", f"Exec={program}", text)
    assert n_times == 1, text
    path = os.path.join(data, "dbus-1/services", NAME + ".service")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    others = os.environ.get("XDG_DATA_DIRS", "/usr/local/share:/usr/share")
    os.environ["XDG_DATA_DIRS"] = f"{data}:{others}"
    os.environ["PATH"] = f"{os.path.dirname(clove)}:{os.environ['PATH']}"
    os.environ.update(XDG_CONFIG_HOME=folder, TMPDIR=folder, GSETTINGS_BACKEND="keyfile")
    os.environ["G_DEBUG"] = "gc-friendly"
    os.environ.pop("GTK_A11Y", None)
    return os.path.join(data, "applications", NAME + ".desktop")


def start_bus():
    """Returns the daemon. What it starts has the environment of now."""
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE, text=True,
    )
    os.environ["DBUS_SESSION_BUS_ADDRESS"] = daemon.stdout.readline().strip()
    return daemon


desktop_path = prepare(*(os.path.abspath(path) for path in sys.argv[1:4]))
bus_daemon = start_bus()

# These read the environment when they are loaded.
import gi  # noqa: E402

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402


def wait_until(condition, what):
    """Handles events until condition() is true, and returns what it returned."""
    end = GLib.get_monotonic_time() + DEADLINE_S * 1000000
    # Not everything that is waited for sends an event here: look now and then.
    tick = GLib.timeout_add(25, lambda: True)
    try:
        while True:
            result = condition()
            if result:
                return result
            if GLib.get_monotonic_time() > end:
                raise AssertionError(f"{what} did not come true in {DEADLINE_S} s")
            GLib.MainContext.default().iteration(True)
    finally:
        GLib.source_remove(tick)


class Story:
    def __init__(self):
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.application = Gio.DesktopAppInfo.new_from_filename(desktop_path)
        self.pid = 0

    # Pieces.

    def write_settings(self, **values):
        settings = os.path.join(folder, "glib-2.0", "settings")
        os.makedirs(settings, exist_ok=True)
        with open(os.path.join(settings, "keyfile"), "w", encoding="utf-8") as keyfile:
            keyfile.write("[io/github/cloveproxy/Clove]\nlisten='127.0.0.1:0'\n")
            keyfile.writelines(f"{key}={value}\n" for key, value in values.items())

    def run(self, *arguments):
        return subprocess.run(["clove", *arguments], capture_output=True, text=True,
                              timeout=DEADLINE_S, check=False)

    def ask_bus(self, method, *arguments):
        types = "".join("s" if isinstance(argument, str) else "u" for argument in arguments)
        reply = self.bus.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
            GLib.Variant(f"({types})", arguments), None, Gio.DBusCallFlags.NONE, -1, None,
        )
        return reply.unpack()[0]

    def is_running(self):
        return self.ask_bus("NameHasOwner", NAME)

    def get_pid(self):
        return self.ask_bus("GetConnectionUnixProcessID", NAME) if self.is_running() else 0

    def call(self, interface, method, arguments):
        """Never starts the program: what is asked here is asked of the one that runs."""
        return self.bus.call_sync(
            NAME, PATH, interface, method, arguments,
            None, Gio.DBusCallFlags.NO_AUTO_START, -1, None,
        ).unpack()

    def get(self, name):
        if not self.is_running():
            return None
        arguments = GLib.Variant("(ss)", (NAME, name))
        return self.call("org.freedesktop.DBus.Properties", "Get", arguments)[0]

    def is_rebuild_enabled(self):
        return self.call("org.gtk.Actions", "Describe", GLib.Variant("(s)", ("rebuild-now",)))[0][0]

    def has_window(self):
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            application = desktop.get_child_at_index(i)
            if application is not None and application.get_process_id() == self.get_pid():
                return application.get_child_count() > 0
        return False

    def open_page(self):
        handler = urllib.request.ProxyHandler({"http": f"http://{self.get('Address')}"})
        opener = urllib.request.build_opener(handler)
        with opener.open("http://demo.ton/", timeout=60) as reply:
            return reply.status

    def quit(self):
        self.call("org.freedesktop.Application", "ActivateAction",
                  GLib.Variant("(sava{sv})", ("quit", [], {})))
        wait_until(lambda: not self.is_running(), "the end")

    # The story.

    def test_is_known(self):
        assert NAME in self.ask_bus("ListActivatableNames"), "the bus does not know the service"
        assert not self.is_running()
        assert self.application is not None, "the desktop file is not accepted"
        assert self.application.get_boolean("DBusActivatable")
        assert self.application.list_actions() == ["toggle", "rebuild-now"]

    def test_asks_first(self):
        """Who never chose a network is asked, and is not connected to any by an action."""
        self.write_settings()
        self.application.launch_action("toggle", None)
        wait_until(self.has_window, "the window")
        assert self.get("State") == "off"
        self.quit()

    def test_stays_hidden(self):
        """Who asks the service to go on without a window finds it, whatever the proxy does."""
        self.write_settings(mode="'demo'")
        self.ask_bus("StartServiceByName", NAME, 0)
        assert self.run("--hidden").returncode == 0
        wait_until(lambda: self.get("State") == "connected", "the connection")
        assert self.run("--toggle").returncode == 0
        wait_until(lambda: self.get("State") in ("off", None), "the end of the proxy")
        assert self.run("--status").stdout.startswith("off"), "the service has ended"
        assert not self.has_window()
        self.quit()

    def test_stays_for_the_proxy(self):
        """A service ends after ten seconds without a call: this one has something to stay for."""
        self.write_settings(mode="'demo'")
        self.application.launch_action("toggle", None)
        wait_until(lambda: self.get("State") == "connected", "the connection")
        self.pid = self.get_pid()
        hops = self.get("Hops")
        assert not self.has_window(), "nobody asked for a window"
        assert self.open_page() == 200
        self.application.launch_action("rebuild-now", None)
        wait_until(
            lambda: self.get("State") == "connected" and self.get("Hops") != hops,
            "another circuit",
        )
        assert not self.is_rebuild_enabled()
        # Forbidden for ten seconds, which began after those of the service.
        wait_until(self.is_rebuild_enabled, "the end of the cooldown")
        assert self.get_pid() == self.pid
        assert self.open_page() == 200

    def test_ends_with_the_proxy(self):
        self.application.launch_action("toggle", None)
        wait_until(lambda: not self.is_running(), "the end")
        wait_until(lambda: not os.path.exists(f"/proc/{self.pid}"), "the end of the process")
        assert not glob.glob(f"{folder}/clove-demo-*"), "the folder of the demo is left"

    def test_shows_the_window(self):
        assert self.application.launch(None, None)
        wait_until(self.has_window, "the window")
        self.pid = self.get_pid()
        wait_until(lambda: self.get("State") == "connected", "the connection")

    def test_goes_on_without_the_proxy(self):
        """With a window there is something to stay for, whatever the proxy does."""
        self.application.launch_action("toggle", None)
        wait_until(lambda: self.get("State") == "off", "the end of the proxy")
        self.application.launch_action("toggle", None)
        wait_until(lambda: self.get("State") == "connected", "the proxy")
        assert self.has_window()
        assert self.get_pid() == self.pid
        self.quit()


def main():
    story = Story()
    steps = [
        story.test_is_known,
        story.test_asks_first,
        story.test_stays_hidden,
        story.test_stays_for_the_proxy,
        story.test_ends_with_the_proxy,
        story.test_shows_the_window,
        story.test_goes_on_without_the_proxy,
    ]
    print(f"1..{len(steps)}", flush=True)
    for number, step in enumerate(steps, 1):
        try:
            step()
        except Exception as problem:  # pylint: disable=broad-except
            text = f"{type(problem).__name__}: {problem}"
            print("\n".join(f"# {line}" for line in text.splitlines()))
            print(f"not ok {number} {step.__name__}")
            print("Bail out! the rest of the story depends on it", flush=True)
            if story.is_running():
                os.kill(story.get_pid(), 9)
            return 1
        print(f"ok {number} {step.__name__}", flush=True)
    return 0


status = 1
try:
    status = main()
finally:
    bus_daemon.terminate()
    bus_daemon.wait()
    shutil.rmtree(folder, ignore_errors=True)
sys.exit(status)
