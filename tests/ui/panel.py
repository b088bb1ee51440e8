# SPDX-License-Identifier: GPL-3.0-or-later
"""A panel for tray icons, as far as a program can tell: the watcher, and clicks on menus."""

from desktop import wait_until
from gi.repository import Gio, GLib

WATCHER = "org.kde.StatusNotifierWatcher"
WATCHER_PATH = "/StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
XML = f"""
<node><interface name="{WATCHER}">
  <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
  <method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
  <property name="RegisteredStatusNotifierItems" type="as" access="read"/>
  <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
  <property name="ProtocolVersion" type="i" access="read"/>
  <signal name="StatusNotifierItemRegistered"><arg type="s"/></signal>
  <signal name="StatusNotifierItemUnregistered"><arg type="s"/></signal>
  <signal name="StatusNotifierHostRegistered"/>
  <signal name="StatusNotifierHostUnregistered"/>
</interface></node>"""


class Item:
    """An icon, with all the icons that it had."""

    def __init__(self, bus, owner, path):
        self.bus = bus
        self.owner = owner
        self.path = path
        self.icons = []
        self.is_there = True
        self.watch = Gio.bus_watch_name_on_connection(
            bus, owner, Gio.BusNameWatcherFlags.NONE, None, self.on_vanished
        )
        self.signals = bus.signal_subscribe(
            owner, ITEM, "NewIcon", path, None, Gio.DBusSignalFlags.NONE, self.on_new_icon
        )
        self.on_new_icon()

    def on_vanished(self, _bus, _owner):
        self.is_there = False

    def on_new_icon(self, *_arguments):
        # Not waited for: the one that is asked may be waiting for us.
        self.bus.call(
            self.owner, self.path, "org.freedesktop.DBus.Properties", "Get",
            GLib.Variant("(ss)", (ITEM, "IconName")), None, Gio.DBusCallFlags.NONE, -1, None,
            self.on_icon,
        )

    def on_icon(self, bus, result):
        try:
            icon = bus.call_finish(result).unpack()[0]
        except GLib.Error:
            return
        if not self.icons or self.icons[-1] != icon:
            self.icons.append(icon)

    def call(self, path, interface, method, arguments):
        return self.bus.call_sync(
            self.owner, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, -1, None
        ).unpack()

    def get(self, name):
        return self.call(
            self.path, "org.freedesktop.DBus.Properties", "Get",
            GLib.Variant("(ss)", (ITEM, name)),
        )[0]

    def has_icon(self, look):
        return bool(self.icons) and self.icons[-1].endswith(f"-{look}-symbolic")

    def get_menu(self):
        """Returns the entries that are to be seen, without the lines between them."""
        layout = self.call(
            self.get("Menu"), MENU, "GetLayout", GLib.Variant("(iias)", (0, -1, []))
        )
        entries = [dict(properties, id=number) for number, properties, _ in layout[1][2]]
        return [
            entry for entry in entries
            if entry.get("visible", True) and entry.get("type") != "separator"
        ]

    def get_labels(self):
        return [entry["label"] for entry in self.get_menu()]

    def find(self, start):
        for entry in self.get_menu():
            if entry["label"].startswith(start):
                return entry
        raise AssertionError(f"no “{start}” in {self.get_labels()}")

    def is_enabled(self, start):
        return self.find(start).get("enabled", True)

    def is_checked(self, start):
        return self.find(start).get("toggle-state") == 1

    def click(self, start):
        assert self.is_enabled(start), f"“{start}” cannot be chosen"
        self.send(self.find(start)["id"], "clicked")

    def send(self, number, event):
        self.call(
            self.get("Menu"), MENU, "Event",
            GLib.Variant("(isvu)", (number, event, GLib.Variant("i", 0), 0)),
        )

    def open(self):
        """The menu appears on the screen."""
        self.call(self.get("Menu"), MENU, "AboutToShow", GLib.Variant("(i)", (0,)))

    def close(self):
        self.send(0, "closed")


class Panel:
    def __init__(self, bus):
        self.bus = bus
        self.items = []
        self.registration = 0
        self.name = 0
        self.has_host = True

    def begin(self, has_host=True):
        self.has_host = has_host
        self.items = []
        interface = Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0]
        self.registration = self.bus.register_object(
            WATCHER_PATH, interface, self.on_call, self.on_get, None
        )
        self.name = Gio.bus_own_name_on_connection(
            self.bus, WATCHER, Gio.BusNameOwnerFlags.NONE, None, None
        )

    def end(self):
        Gio.bus_unown_name(self.name)
        self.bus.unregister_object(self.registration)

    def set_host(self, has_host):
        self.has_host = has_host
        signal = "StatusNotifierHostRegistered" if has_host else "StatusNotifierHostUnregistered"
        self.bus.emit_signal(None, WATCHER_PATH, WATCHER, signal, None)

    # PyGObject gives all arguments of GDBus.
    # pylint: disable-next=too-many-arguments
    def on_call(self, _bus, sender, _path, _interface, method, arguments, invocation):
        if method == "RegisterStatusNotifierItem":
            service = arguments.unpack()[0]
            path = service if service.startswith("/") else "/StatusNotifierItem"
            self.items.append(Item(self.bus, sender, path))
        invocation.return_value(None)

    def on_get(self, _bus, _sender, _path, _interface, name):
        if name == "IsStatusNotifierHostRegistered":
            return GLib.Variant("b", self.has_host)
        if name == "ProtocolVersion":
            return GLib.Variant("i", 0)
        return GLib.Variant("as", [item.owner + item.path for item in self.get_items()])

    def get_items(self):
        return [item for item in self.items if item.is_there]

    def wait_for_item(self):
        """Returns the icon, once it is there and has got its menu."""
        item = wait_until(
            lambda: self.get_items() and self.get_items()[-1].icons and self.get_items()[-1],
            "the icon",
        )
        wait_until(item.get_labels, "the menu")
        return item
