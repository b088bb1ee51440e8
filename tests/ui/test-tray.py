#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tray icon as a panel meets it: first with a program that is played, then with Clove itself.

Usage: test-tray.py CLOVE CLOVE-LOCALNET CLOVE-TRAY, on a display and a session bus of its own.
"""

import glob
import math
import os
import subprocess
import sys
import time

from desktop import (
    DEADLINE_S, NAME, PATH, Desktop, Requests, name_of, tell, wait_until, walk,
)
from gi.repository import Atspi, Gio, GLib
from panel import Panel

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ICONS = os.path.join(SOURCE, "data", "icons", "hicolor", "scalable", "status")
LOOKS = ("off", "connecting", "connected", "degraded", "rebuilding")
HOPS = [(role, f"relay{i}", f"192.0.2.{i}:9001", 9) for i, role in
        enumerate(("entry", "middle", "exit"), 1)]
BAN = ("relay4", "192.0.2.4:9001", "did not answer", 261)


class Program:
    """What Clove says on the bus, said by the test."""

    def __init__(self, bus):
        self.bus = bus
        self.properties = {}
        self.chosen = []
        self.name = 0
        self.registrations = []
        self.group = Gio.SimpleActionGroup()
        self.toggle = Gio.SimpleAction.new_stateful("toggle", None, GLib.Variant("b", False))
        self.rebuild = Gio.SimpleAction.new("rebuild-now", None)
        others = [Gio.SimpleAction.new(name, None) for name in ("show", "quit")]
        for action in (self.toggle, self.rebuild, *others):
            action.connect("activate", lambda action, _: self.chosen.append(action.get_name()))
            self.group.add_action(action)
        with open(f"{SOURCE}/data/{NAME}.xml", encoding="utf-8") as xml:
            self.interface = Gio.DBusNodeInfo.new_for_xml(xml.read()).interfaces[0]

    def begin(self):
        self.set(
            Look=("s", "off"), Title=("s", "The proxy is off"), Hops=("a(ssst)", []),
            Strikes=("u", 0), MaxStrikes=("u", 3), Blacklist=("a(sssx)", []),
            RebuildAllowedAt=("x", 0), State=("s", "off"), Standby=("a(ssst)", []),
            NextRotation=("x", 0), Address=("s", ""), LastError=("s", ""), Status=("s", "off"),
        )
        self.registrations = [
            self.bus.register_object(PATH, self.interface, None, self.on_get, None),
            self.bus.export_action_group(PATH, self.group),
        ]
        self.name = Gio.bus_own_name_on_connection(
            self.bus, NAME, Gio.BusNameOwnerFlags.NONE, None, None
        )

    def end(self):
        Gio.bus_unown_name(self.name)
        self.bus.unregister_object(self.registrations[0])
        self.bus.unexport_action_group(self.registrations[1])

    def on_get(self, _bus, _sender, _path, _interface, name):
        return self.properties[name]

    def set(self, **values):
        changed = {name: GLib.Variant(*value) for name, value in values.items()}
        self.properties.update(changed)
        self.bus.emit_signal(
            None, PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged",
            GLib.Variant("(sa{sv}as)", (NAME, changed, [])),
        )


class Story(Desktop):
    def __init__(self, clove, localnet, tray):
        super().__init__(clove, localnet)
        self.tray = tray
        self.environment["XDG_CURRENT_DESKTOP"] = "XFCE"
        self.panel = Panel(self.bus)
        self.played = Program(self.bus)
        self.helper = None
        self.item = None

    # The helper alone.

    def start_helper(self, **environment):
        self.helper = subprocess.Popen(
            [self.tray], env=dict(self.environment, **environment), stdin=subprocess.PIPE
        )
        self.item = self.panel.wait_for_item()

    def end_helper(self):
        self.helper.stdin.close()
        wait_until(lambda: self.helper.poll() is not None, "the end of the helper")
        assert self.helper.returncode == 0, self.helper.returncode
        wait_until(lambda: not self.panel.get_items(), "the end of the icon")

    def test_nobody_there(self):
        helper = subprocess.run(
            [self.tray], env=self.environment, stdin=subprocess.PIPE, timeout=DEADLINE_S,
            check=False,
        )
        assert helper.returncode == 0, helper

    def test_shows(self):
        self.panel.begin()
        self.played.begin()
        self.start_helper()
        wait_until(lambda: self.item.has_icon("off"), "the icon")
        wait_until(lambda: self.item.is_enabled("Proxy on"), "the actions")
        assert self.item.get_labels() == [
            "The proxy is off", "Proxy on", "Rebuild now", "Show window", "Quit",
        ], self.item.get_labels()
        assert not self.item.is_enabled("The proxy is off")
        assert not self.item.is_checked("Proxy on")
        self.played.toggle.set_state(GLib.Variant("b", True))
        self.played.set(Look=("s", "connected"), Title=("s", "Connected"), Hops=("a(ssst)", HOPS))
        wait_until(lambda: self.item.has_icon("connected"), "the icon")
        wait_until(lambda: self.item.is_checked("Proxy on"), "the check mark")
        assert self.item.get_labels() == [
            "Connected", "\u2068relay1\u2069 → \u2068relay2\u2069 → \u2068relay3\u2069",
            "No failures in a row", "No relay is blacklisted", "Proxy on", "Rebuild now",
            "Show window", "Quit",
        ], self.item.get_labels()
        self.played.set(Look=("s", "degraded"), Strikes=("u", 2), Blacklist=("a(sssx)", [BAN]))
        wait_until(lambda: self.item.has_icon("degraded"), "the icon")
        assert "2 of 3 failures in a row" in self.item.get_labels(), self.item.get_labels()
        assert "1 relay is blacklisted" in self.item.get_labels(), self.item.get_labels()
        assert self.item.get("Title") == "Clove: Connected"
        assert self.item.get("Status") == "Active"

    def test_every_look(self):
        for look in LOOKS:
            self.played.set(Look=("s", look))
            wait_until(lambda wanted=look: self.item.has_icon(wanted), f"the icon for {look}")
        folder = os.path.join(self.item.get("IconThemePath"), "hicolor", "scalable", "status")
        assert os.path.samefile(folder, ICONS), folder
        for kind in ("", "-symbolic"):
            for look in LOOKS:
                assert os.path.isfile(f"{ICONS}/{NAME}-{look}{kind}.svg"), (look, kind)
        # A newer program may have one that is not known here.
        self.played.set(Look=("s", "dancing"))
        wait_until(lambda: self.item.has_icon("degraded"), "the icon for an unknown look")

    def test_chooses(self):
        """The mark follows the program, and what the program does is not taken for a click."""
        self.played.chosen.clear()
        self.item.click("Proxy on")
        wait_until(lambda: self.played.chosen, "the choice")
        assert self.played.chosen == ["toggle"], self.played.chosen
        assert self.item.is_checked("Proxy on"), "the mark moved before the program did"
        self.played.toggle.set_state(GLib.Variant("b", False))
        wait_until(lambda: not self.item.is_checked("Proxy on"), "the check mark")
        self.played.toggle.set_state(GLib.Variant("b", True))
        wait_until(lambda: self.item.is_checked("Proxy on"), "the check mark")
        for label in ("Rebuild now", "Show window", "Quit"):
            self.item.click(label)
        wait_until(lambda: "quit" in self.played.chosen, "the choices")
        assert self.played.chosen == ["toggle", "rebuild-now", "show", "quit"], self.played.chosen

    def test_counts_down(self):
        """Only before somebody's eyes."""
        self.played.rebuild.set_enabled(False)
        self.played.set(RebuildAllowedAt=("x", math.ceil(time.time()) + 2))
        wait_until(lambda: not self.item.is_enabled("Rebuild now"), "the cooldown")
        assert "Rebuild now" in self.item.get_labels(), self.item.get_labels()
        self.item.open()
        wait_until(lambda: self.item.find("Rebuild now (")["label"].endswith(" s)"), "seconds")
        self.item.close()
        wait_until(lambda: "Rebuild now" in self.item.get_labels(), "the end of the seconds")
        self.item.open()
        wait_until(lambda: "Rebuild now (1 s)" in self.item.get_labels(), "the last second")
        wait_until(lambda: "Rebuild now" in self.item.get_labels(), "the end of the cooldown")
        self.played.rebuild.set_enabled(True)
        self.played.set(RebuildAllowedAt=("x", 0))
        wait_until(lambda: self.item.is_enabled("Rebuild now"), "the button")

    def test_strange_names(self):
        """A directory may call relays as it likes."""
        names = ("a_b", "<b>&amp;", "\u05d0" * 50)
        hops = [(role, name, address, rtt)
                for (role, _, address, rtt), name in zip(HOPS, names)]
        self.played.set(Hops=("a(ssst)", hops))
        # In a menu of the bus an underscore is written twice, or it would mark a key.
        wanted = (f"\u2068a__b\u2069 → \u2068<b>&amp;\u2069 → \u2068{chr(0x5d0) * 19}…\u2069")
        wait_until(lambda: wanted in self.item.get_labels(), f"{self.item.get_labels()}")
        self.played.set(Hops=("a(ssst)", HOPS[:2]))
        wait_until(lambda: wanted not in self.item.get_labels(), "the end of the circuit")

    def test_other_panels(self):
        """Those that draw symbolic icons as they are get others."""
        self.end_helper()
        self.start_helper(XDG_CURRENT_DESKTOP="LXQt")
        wait_until(lambda: self.item.icons[-1] == f"{NAME}-degraded", f"{self.item.icons}")
        self.end_helper()

    def test_ends_with_program(self):
        self.start_helper(XDG_CURRENT_DESKTOP="ubuntu:GNOME")
        wait_until(lambda: self.item.has_icon("degraded"), "the icon")
        self.played.end()
        wait_until(lambda: self.helper.poll() is not None, "the end of the helper")
        assert self.helper.returncode == 0, self.helper.returncode
        self.helper.stdin.close()
        wait_until(lambda: not self.panel.get_items(), "the end of the icon")
        self.panel.end()

    # Clove.

    def get_helpers(self):
        helpers = []
        for pid in self.get_children():
            try:
                with open(f"/proc/{pid}/comm", encoding="utf-8") as name:
                    if name.read().strip() == "clove-tray":
                        helpers.append(pid)
            except FileNotFoundError:
                pass
        return helpers

    def set(self, key, value):
        """Chooses in the preferences, before the start."""
        path = os.path.join(self.folder, "glib-2.0", "settings", "keyfile")
        with open(path, "a", encoding="utf-8") as keyfile:
            keyfile.write(f"{key}={value}\n")

    def connect(self, *arguments):
        self.start("--demo", *arguments)
        wait_until(lambda: self.get("State") == "connected", "the connection")

    def close_window(self):
        button = wait_until(lambda: self.find_node("Close"), "the button that closes")
        try:
            self.press(button)
        except GLib.Error:
            # Gone before it had answered.
            pass

    def open_preferences(self):
        """Returns the window, which is quicker to look through than all of them."""
        self.activate("preferences")
        window = wait_until(lambda: self.find_node("Start at login"), "the preferences")
        while window.get_role() != Atspi.Role.FRAME:
            window = window.get_parent()
        return window

    def wait_for_end(self):
        wait_until(lambda: self.process.poll() is not None, "the end of the program")
        assert self.process.returncode == 0, self.process.returncode

    def has_window(self):
        return self.find_application() is not None

    def test_ends_with_window(self):
        """No tray, and no wish to go on: what is closed is over."""
        self.connect()
        wait_until(self.has_window, "the window")
        assert not self.get_helpers(), "a helper without a tray"
        self.close_window()
        self.wait_for_end()
        assert not self.notifications.shown, self.notifications.shown

    def test_goes_on_if_wished(self):
        self.set("run-in-background", "true")
        self.connect()
        wait_until(self.has_window, "the window")
        self.close_window()
        wait_until(lambda: not self.has_window(), "the end of the window")
        assert self.get("State") == "connected"
        wait_until(lambda: self.notifications.shown, "the notification")
        assert self.notifications.shown[0]["title"] == "Clove goes on without its window"
        assert self.run().returncode == 0
        wait_until(self.has_window, "the window")
        self.close_window()
        wait_until(lambda: not self.has_window(), "the end of the window")
        # Off and without a window is no reason to end; a window that is closed then is.
        assert self.run("--toggle").returncode == 0
        wait_until(lambda: self.get("State") == "off", "the end of the proxy")
        self.activate("show")
        wait_until(self.has_window, "the window")
        self.close_window()
        self.wait_for_end()
        assert len(self.notifications.shown) == 1, "told twice"

    def test_late_tray(self):
        self.set("run-in-background", "false")
        self.set("has-told-of-tray", "false")
        self.connect("--hidden")
        assert not self.get_helpers(), "a helper without a tray"
        self.panel.begin()
        self.item = self.panel.wait_for_item()
        wait_until(lambda: self.item.has_icon("connected"), "the icon")
        assert self.item.get_labels()[0] == "Connected through 3 relays"
        for hop in self.get("Hops"):
            assert hop[1] in self.item.get_labels()[1], self.item.get_labels()

    def test_one_icon(self):
        assert self.run("--hidden").returncode == 0
        assert len(self.panel.get_items()) == 1
        assert len(self.get_helpers()) == 1

    def test_window(self):
        assert not self.has_window()
        self.item.click("Show window")
        wait_until(self.has_window, "the window")
        self.close_window()
        wait_until(lambda: not self.has_window(), "the end of the window")
        wait_until(lambda: len(self.notifications.shown) == 2, "the notification")
        assert "icon in the panel" in self.notifications.shown[1]["body"], self.notifications.shown
        assert self.get("State") == "connected"

    def test_switch(self):
        self.item.click("Proxy on")
        wait_until(lambda: self.item.has_icon("off"), "the icon")
        wait_until(lambda: not self.item.is_checked("Proxy on"), "the check mark")
        assert self.get("State") == "off"
        self.item.icons.clear()
        self.item.click("Proxy on")
        wait_until(lambda: self.item.has_icon("connected"), "the icon")
        wait_until(lambda: self.item.is_checked("Proxy on"), "the check mark")
        print(f"# {self.item.icons}")

    def test_doubt(self):
        """An exit stops answering: the icon says so, and later that all is well again."""
        victim = self.get("Hops")[2]
        control = glob.glob(f"{self.folder}/clove-demo-*/control")
        browser = Requests(self.get("Address"))
        browser.start()
        wait_until(lambda: browser.good > 0, "a page")
        self.item.icons.clear()
        subprocess.run([self.localnet, "ctl", control[0], f"kill {victim[1]}"], check=True,
                       stdout=subprocess.DEVNULL)
        wait_until(
            lambda: any("-degraded-" in icon or "-rebuilding-" in icon for icon in self.item.icons),
            "a sign of trouble",
        )
        wait_until(
            lambda: self.item.has_icon("connected") and self.get("Hops")[2][1] != victim[1],
            "another exit",
        )
        browser.end()
        print(f"# {self.item.icons}")
        wait_until(lambda: any("blacklisted" in label and not label.startswith("No relay")
                               for label in self.item.get_labels()), "the count")

    def test_helper_killed(self):
        helpers = self.get_helpers()
        os.kill(helpers[0], 9)
        wait_until(lambda: not self.item.is_there, "the end of the icon")
        self.item = self.panel.wait_for_item()
        wait_until(lambda: self.item.has_icon("connected"), "the icon")
        assert self.item.is_checked("Proxy on")
        assert len(self.get_helpers()) == 1 and self.get_helpers() != helpers

    def test_panel_restarted(self):
        helpers = self.get_helpers()
        self.panel.end()
        self.panel.begin()
        self.item = self.panel.wait_for_item()
        wait_until(lambda: self.item.has_icon("connected"), "the icon")
        assert self.get_helpers() == helpers, "the helper need not begin anew"

    def test_panel_gone(self):
        """A watcher without a panel shows nothing, so that closing the window ends the program."""
        window = self.open_preferences()

        def find(name):
            return next((node for node in walk(window) if name_of(node) == name), None)

        wait_until(lambda: not find("No tray icon"), "no explanation where there is an icon")
        self.panel.set_host(False)
        wait_until(lambda: find("No tray icon"), "the explanation")
        self.panel.set_host(True)
        wait_until(lambda: not find("No tray icon"), "the end of the explanation")
        self.panel.set_host(False)
        wait_until(lambda: find("No tray icon"), "the explanation")
        self.press(find("Close"))
        self.close_window()
        self.wait_for_end()
        wait_until(lambda: not self.panel.get_items(), "the end of the icon")
        self.panel.set_host(True)

    def test_killed(self):
        self.connect("--hidden")
        self.item = self.panel.wait_for_item()
        helper = self.get_helpers()[0]
        self.process.kill()
        self.process.wait()
        wait_until(lambda: not self.item.is_there, "the end of the icon")
        wait_until(lambda: not os.path.exists(f"/proc/{helper}"), "the end of the helper")

    def test_quits(self):
        """By the icon, and by the notification, which the user has seen only now."""
        self.set("has-told-of-tray", "false")
        self.connect()
        self.item = self.panel.wait_for_item()
        wait_until(self.has_window, "the window")
        n_shown = len(self.notifications.shown)
        self.close_window()
        wait_until(lambda: len(self.notifications.shown) > n_shown, "the notification")
        actions = self.notifications.shown[-1]["actions"]
        self.notifications.press(
            len(self.notifications.shown), actions[actions[1::2].index("Quit") * 2]
        )
        self.wait_for_end()
        wait_until(lambda: not self.panel.get_items(), "the end of the icon")
        self.connect("--hidden")
        self.item = self.panel.wait_for_item()
        wait_until(lambda: self.item.is_checked("Proxy on"), "the menu")
        self.item.click("Quit")
        self.wait_for_end()
        wait_until(lambda: not self.panel.get_items(), "the end of the icon")


def main():
    story = Story(*(os.path.abspath(argument) for argument in sys.argv[1:4]))
    try:
        return tell(
            [
                story.test_nobody_there,
                story.test_shows,
                story.test_every_look,
                story.test_chooses,
                story.test_counts_down,
                story.test_strange_names,
                story.test_other_panels,
                story.test_ends_with_program,
                story.test_ends_with_window,
                story.test_goes_on_if_wished,
                story.test_late_tray,
                story.test_one_icon,
                story.test_window,
                story.test_switch,
                story.test_doubt,
                story.test_helper_killed,
                story.test_panel_restarted,
                story.test_panel_gone,
                story.test_killed,
                story.test_quits,
            ]
        )
    finally:
        if story.helper is not None and story.helper.poll() is None:
            story.helper.kill()
        story.clean_up()


sys.exit(main())
