/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program with a system proxy and nothing else, for tests that kill it. It obeys lines of its
 * standard input: "set URL", "restore", "state", each answered by the state, and ends with it. The
 * state is also told when it changes by itself.
 */
#include "config.h"

#include "clove-system-proxy.h"

#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  CloveSystemProxy *proxy;
  GDataInputStream *input;
  GMainLoop *loop;
} Tool;

static const char *const names[] = {
  [CLOVE_SYSTEM_PROXY_UNSUPPORTED] = "unsupported",
  [CLOVE_SYSTEM_PROXY_OFF] = "off",
  [CLOVE_SYSTEM_PROXY_ON] = "on",
  [CLOVE_SYSTEM_PROXY_OVERRIDDEN] = "overridden",
  [CLOVE_SYSTEM_PROXY_FAILED] = "failed",
};

static void
say_state (Tool *tool)
{
  const GError *error = clove_system_proxy_get_error (tool->proxy);

  g_print ("%s %d %s\n", names[clove_system_proxy_get_state (tool->proxy)],
           error != NULL ? error->code : -1, error != NULL ? error->message : "");
  fflush (stdout);
}

static void
on_changed (CloveSystemProxy *proxy, gpointer user_data)
{
  say_state (user_data);
}

static void read_line (Tool *tool);

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Tool *tool = user_data;
  g_autofree char *line = g_data_input_stream_read_line_finish (tool->input, result, NULL, NULL);

  if (line == NULL) {
    g_main_loop_quit (tool->loop);
    return;
  }
  g_signal_handlers_block_by_func (tool->proxy, on_changed, tool);
  if (g_str_has_prefix (line, "set "))
    (void) clove_system_proxy_set (tool->proxy, line + strlen ("set "));
  else if (g_str_equal (line, "restore"))
    (void) clove_system_proxy_restore (tool->proxy);
  g_signal_handlers_unblock_by_func (tool->proxy, on_changed, tool);
  say_state (tool);
  read_line (tool);
}

static void
read_line (Tool *tool)
{
  g_data_input_stream_read_line_async (tool->input, G_PRIORITY_DEFAULT, NULL, on_line, tool);
}

int
main (int argc, char *argv[])
{
  g_autoptr (CloveSystemProxy) proxy = NULL;
  g_autoptr (GInputStream) raw = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GDataInputStream) input = g_data_input_stream_new (raw);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  CloveSystemProxyOptions options = { 0 };
  Tool tool = { .input = input, .loop = loop };

  if (argc != 4) {
    g_printerr ("usage: %s FOLDER GUARD SANDBOXED\n", argv[0]);
    return 2;
  }
  options.current_desktop = g_getenv ("XDG_CURRENT_DESKTOP");
  options.folder = argv[1];
  options.guard = argv[2];
  options.is_sandboxed = g_str_equal (argv[3], "yes");
  proxy = clove_system_proxy_new (&options);
  tool.proxy = proxy;
  g_signal_connect (proxy, "changed", G_CALLBACK (on_changed), &tool);
  say_state (&tool);
  read_line (&tool);
  g_main_loop_run (loop);
  g_signal_handlers_disconnect_by_data (proxy, &tool);
  return 0;
}
