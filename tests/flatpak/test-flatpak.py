#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed Flatpak on a desktop: window, tray icon, a page through it, and the sandbox.

Usage: test-flatpak.py, with HOME and XDG_DATA_HOME of the installation; see build-aux/flatpak.
With CLOVE_PICTURES set to a folder, pictures of the screen are left there.
"""

import configparser
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ui"))

from desk import Desk, write  # noqa: E402
from desktop import (  # noqa: E402
    CONTROLS, DEADLINE_S, NAME, PATH, name_of, tell, wait_until, walk,
)
from gi.repository import Atspi, Gio, GLib  # noqa: E402
from panel import MENU, WATCHER, WATCHER_PATH, Item  # noqa: E402

# "x11" is what --socket=fallback-x11 leaves for old versions of Flatpak; newer ones go by the
# other.
PERMISSIONS = {
    "Context": {
        "shared": {"network", "ipc"},
        "sockets": {"wayland", "fallback-x11", "x11"},
        "devices": {"dri"},
    },
    "Session Bus Policy": {WATCHER: {"talk"}},
}
CANNOT = "Clove runs in a sandbox, out of reach of the desktop’s settings."
# What our programs say; Flatpak itself and its proxies may have troubles of their own.
BAD_LINE = re.compile(r"\(clove[a-z-]*:\d+\).*(WARNING|CRITICAL|ERROR)|^clove")


def read_permissions(text):
    parser = configparser.ConfigParser(delimiters="=", strict=True, interpolation=None)
    parser.optionxform = str
    parser.read_string(text)
    return {
        section: {key: set(value.strip(";").split(";")) for key, value in parser[section].items()}
        for section in parser.sections()
    }


def run(*command):
    return subprocess.run(
        command, capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )


def read_lines(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", errors="replace") as file:
        return list(file)


class Story:
    def __init__(self):
        self.desk = Desk()
        self.data = os.path.join(os.environ["HOME"], ".var", "app", NAME)
        self.secret = os.path.join(os.environ["HOME"], "secret")
        self.log = os.path.join(self.desk.folder, "clove.log")
        self.bus = None
        self.program = None
        self.address = None
        self.item = None

    # Pieces.

    def start(self, *arguments):
        with open(self.log, "ab") as log:
            self.program = subprocess.Popen(
                ["flatpak", "--user", "run", "--env=GSK_RENDERER=cairo", NAME, *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )

    def call(self, interface, method, arguments, name=NAME, path=PATH):
        # Who asks does not start it.
        return self.bus.call_sync(
            name, path, interface, method, arguments, None,
            Gio.DBusCallFlags.NO_AUTO_START, -1, None,
        ).unpack()

    def get(self, name):
        try:
            return self.call(
                "org.freedesktop.DBus.Properties", "Get", GLib.Variant("(ss)", (NAME, name))
            )[0]
        except GLib.Error:
            return None

    def activate(self, action):
        self.call("org.gtk.Actions", "Activate", GLib.Variant("(sava{sv})", (action, [], {})))

    def owns(self, name):
        return self.call(
            "org.freedesktop.DBus", "NameHasOwner", GLib.Variant("(s)", (name,)),
            "org.freedesktop.DBus", "/org/freedesktop/DBus",
        )[0]

    def get_items(self):
        """Returns owner and path of each tray icon that the panel knows."""
        items = self.call(
            "org.freedesktop.DBus.Properties", "Get",
            GLib.Variant("(ss)", (WATCHER, "RegisteredStatusNotifierItems")),
            WATCHER, WATCHER_PATH,
        )[0]
        return [re.fullmatch(r"([^/@]+)@?(/.*)", item).groups() for item in items]

    def find(self, start, roles=None):
        """Process ids are those inside of the sandbox: the name must do."""
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            application = desktop.get_child_at_index(i)
            if application is not None and "clove" in (application.get_name() or "").lower():
                for node in walk(application):
                    if name_of(node).startswith(start) and node.get_role() in (
                        roles or {Atspi.Role.LABEL}
                    ):
                        return node
        return None

    def get_instances(self):
        """Returns the process ids, outside, of the first process in each sandbox of ours."""
        rows = run("flatpak", "ps", "--columns=application,child-pid").stdout.splitlines()
        return [int(row.split()[1]) for row in rows if row.split()[0] == NAME]

    def take_picture(self, name):
        folder = os.environ.get("CLOVE_PICTURES")
        if folder:
            run("import", "-window", "root", os.path.join(folder, f"{name}.png"))

    def wait_for_state(self, state):
        wait_until(lambda: self.get("State") == state, f"“{state}”")

    # The story.

    def test_permissions(self):
        shown = run("flatpak", "--user", "info", "--show-permissions", NAME).stdout
        found = read_permissions(shown)
        assert found == PERMISSIONS, f"{found} instead of {PERMISSIONS}"

    def test_desk(self):
        shutil.rmtree(self.data, ignore_errors=True)
        # The usual port may be somebody's.
        write(
            os.path.join(self.data, "config", "glib-2.0", "settings", "keyfile"),
            f"[{NAME.replace('.', '/')}]\nlisten='127.0.0.1:0'\n",
        )
        write(self.secret, "nobody's business\n")
        self.desk.begin()
        self.bus = Gio.DBusConnection.new_for_address_sync(
            os.environ["DBUS_SESSION_BUS_ADDRESS"],
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None,
        )
        wait_until(lambda: self.owns(WATCHER), "the panel")
        assert not self.get_items()

    def test_connects(self):
        self.start("--demo")
        self.wait_for_state("connected")
        self.address = self.get("Address")
        assert self.address.startswith("127.0.0.1:"), self.address
        assert [hop[0] for hop in self.get("Hops")] == ["entry", "middle", "exit"]

    def test_window(self):
        Atspi.init()
        wait_until(lambda: self.find("Connected through 3 relays"), "the window")

    def test_tray(self):
        owner, path = wait_until(self.get_items, "the icon")[0]
        assert len(self.get_items()) == 1
        self.item = Item(self.bus, owner, path)
        wait_until(lambda: self.item.has_icon("connected"), "its picture")
        # The panel finds it by its name, in what Flatpak has exported.
        icon = os.path.join(
            os.environ["XDG_DATA_HOME"], "flatpak/exports/share/icons/hicolor/scalable/status",
            self.item.icons[-1] + ".svg",
        )
        assert os.path.exists(icon), icon
        wait_until(lambda: len(self.item.get_labels()) > 3, "its menu")
        wait_until(lambda: self.item.is_checked("Proxy on"), "its check mark")
        self.take_picture("window")

    def test_page(self):
        page = run("curl", "-sS", "--fail", "-x", f"http://{self.address}", "http://demo.ton/")
        assert page.returncode == 0 and "</html>" in page.stdout, page
        rest = run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-x",
                   f"http://{self.address}", "http://example.com/")
        assert rest.stdout == "403", rest
        pac = run("curl", "-sS", "--fail", f"http://{self.address}/proxy.pac")
        assert f"PROXY {self.address}" in pac.stdout, pac

    def test_sandbox(self):
        """As the kernel has it, not as the manifest says."""
        [pid] = self.get_instances()
        inside = f"/proc/{pid}/root"
        with open(f"{inside}/.flatpak-info", encoding="utf-8") as info:
            parts = read_permissions(info.read())
        for part, keys in PERMISSIONS.items():
            for key in parts[part]:
                assert parts[part][key] <= keys.get(key, set()), (part, key, parts[part][key])
        assert "filesystems" not in parts["Context"], parts["Context"]
        assert not os.path.exists(inside + self.secret), "the home folder is to be seen"
        assert os.path.exists(self.secret)
        assert not os.path.exists(f"{inside}/run/dbus/system_bus_socket")
        # Nothing that has no use in here.
        assert os.listdir(inside + "/app/libexec/clove") == ["clove-tray"]
        named = run(
            "flatpak", "--user", "run", "--command=gdbus", NAME, "call", "--session",
            "--dest=org.freedesktop.DBus", "--object-path=/org/freedesktop/DBus",
            "--method=org.freedesktop.DBus.ListNames",
        )
        names = set(re.findall(r"'([a-z][^']+)'", named.stdout))
        assert WATCHER in names, named
        assert not {name for name in names if name.startswith("org.xfce.")}, names

    def test_system_proxy(self):
        self.activate("preferences")
        wait_until(lambda: self.find(CANNOT), "the sentence about the sandbox")
        node = self.find("Use as system proxy", CONTROLS)
        assert not node.get_state_set().contains(Atspi.StateType.SENSITIVE), "it can be pressed"
        self.take_picture("preferences")

    def test_second_start(self):
        """From sandboxes of their own, which may talk to the first by name alone."""
        status = run("flatpak", "--user", "run", NAME, "--status")
        assert status.returncode == 0 and status.stdout.startswith("connected  "), status
        assert run("flatpak", "--user", "run", NAME, "--rebuild").returncode == 0
        again = run("flatpak", "--user", "run", NAME, "--rebuild")
        assert again.returncode == 1 and again.stderr.startswith("clove: "), again
        wait_until(lambda: len(self.get_instances()) == 1, "the end of the others")

    def test_quits(self):
        self.item.click("Quit")
        wait_until(lambda: self.program.poll() is not None, "the end")
        assert self.program.returncode == 0, self.program.returncode
        wait_until(lambda: not self.get_instances(), "the end of the sandbox")
        wait_until(lambda: not self.get_items(), "the end of the icon")
        assert not self.owns(NAME)
        assert run("curl", "-s", f"http://{self.address}/proxy.pac").returncode == 7

    def test_bus_starts_it(self):
        """By the exported service, as a desktop does."""
        self.bus.call_sync(
            NAME, PATH, "org.freedesktop.Application", "Activate",
            GLib.Variant("(a{sv})", ({},)), None, Gio.DBusCallFlags.NONE, -1, None,
        )
        wait_until(lambda: self.get("State") == "off", "the program")
        self.activate("quit")
        wait_until(lambda: not self.get_instances(), "the end of the sandbox")

    def test_log(self):
        """Nor did the one that the bus has started complain, whose words are among the bus's."""
        bus_log = os.path.join(self.desk.folder, "dbus-daemon.log")
        lines = read_lines(self.log) + read_lines(bus_log)
        bad = [line for line in lines if BAD_LINE.search(line)]
        assert not bad, "".join(bad)

    def clean_up(self):
        if self.program is not None and self.program.poll() is None:
            run("flatpak", "kill", NAME)
            self.program.wait(DEADLINE_S)
        for line in read_lines(self.log):
            print("# " + line, end="")
        if os.path.exists(self.secret):
            os.unlink(self.secret)
        self.desk.end()


def main():
    story = Story()
    try:
        return tell([
            story.test_permissions,
            story.test_desk,
            story.test_connects,
            story.test_window,
            story.test_tray,
            story.test_page,
            story.test_sandbox,
            story.test_system_proxy,
            story.test_second_start,
            story.test_quits,
            story.test_bus_starts_it,
            story.test_log,
        ])
    finally:
        story.clean_up()


if __name__ == "__main__":
    sys.exit(main())
