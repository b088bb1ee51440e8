# SPDX-License-Identifier: GPL-3.0-or-later
"""A desktop without a screen: X server, session bus, window manager, and a panel with a tray."""

import os
import shutil
import signal
import subprocess
import tempfile

PANEL = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="30"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
        <value type="int" value="2"/>
        <value type="int" value="3"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="tasklist"/>
    <property name="plugin-2" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
    </property>
    <property name="plugin-3" type="string" value="systray"/>
  </property>
</channel>
"""
PANEL_FILE = "xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml"
FONT = "[Settings]\ngtk-font-name=Cantarell 11\ngtk-icon-theme-name=Adwaita\n"


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class Desk:
    """HOME stays what it is: what Flatpak has installed is there."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="clove-desk-")
        self.children = []

    def start(self, *command, **options):
        log = open(os.path.join(self.folder, os.path.basename(command[0]) + ".log"), "wb")
        child = subprocess.Popen(command, stdout=log, stderr=log, **options)
        log.close()
        self.children.append(child)
        return child

    def start_telling(self, *command):
        """Starts what writes a line to the descriptor FD once it is ready; returns the line."""
        reader, writer = os.pipe()
        words = [word.replace("FD", str(writer)) for word in command]
        self.start(*words, pass_fds=[writer])
        os.close(writer)
        with os.fdopen(reader) as pipe:
            line = pipe.readline().strip()
        if not line:
            raise RuntimeError(f"{command[0]} did not start")
        return line

    def begin(self):
        configuration = os.path.join(self.folder, "config")
        run = os.path.join(self.folder, "run")
        os.mkdir(run, 0o700)
        write(os.path.join(configuration, PANEL_FILE), PANEL)
        for version in (3, 4):
            write(os.path.join(configuration, f"gtk-{version}.0", "settings.ini"), FONT)
        exports = os.path.join(os.environ["XDG_DATA_HOME"], "flatpak/exports/share")
        os.environ.update(
            XDG_CONFIG_HOME=configuration,
            XDG_RUNTIME_DIR=run,
            # The icons and the service of the Flatpak.
            XDG_DATA_DIRS=f"{exports}:/usr/local/share:/usr/share",
            XDG_CURRENT_DESKTOP="XFCE",
            XDG_SESSION_TYPE="x11",
            GDK_BACKEND="x11",
            GSK_RENDERER="cairo",
            LIBGL_ALWAYS_SOFTWARE="1",
            LC_ALL="C.UTF-8",
        )
        for name in ("WAYLAND_DISPLAY", "AT_SPI_BUS_ADDRESS", "GTK_A11Y", "NO_AT_BRIDGE"):
            os.environ.pop(name, None)
        screen = ["-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"]
        os.environ["DISPLAY"] = ":" + self.start_telling("Xvfb", "-displayfd", "FD", *screen)
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = self.start_telling(
            "dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=FD"
        )
        self.start("xfwm4", "--compositor=on", "--vblank=off")
        self.start("xfce4-panel", "--disable-wm-check")

    def end(self):
        # The panel before its bus, and the screen last.
        for child in reversed(self.children):
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
