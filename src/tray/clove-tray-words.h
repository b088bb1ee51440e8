/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of the menu and the names of the icons. Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define CLOVE_TRAY_N_HOPS 3

/**
 * CloveTrayState:
 * @look: one of the five looks of docs/dbus.md; never %NULL
 * @title: the state in a few words of the user's language; never %NULL
 * @hops: names of relays, from entry to exit; all %NULL without a circuit
 * @strikes: failures in a row
 * @max_strikes: how many replace the circuit
 * @n_bans: relays that are left out
 * @rebuild_at_s: from when on a rebuild may be asked for, in seconds since 1970; 0 for no such time
 * @has_actions: it is known what may be done; else the next two are %FALSE
 * @is_on: the proxy is switched on
 * @can_rebuild: a rebuild may be asked for now
 *
 * What the program last said of itself.
 */
typedef struct {
  char *look;
  char *title;
  char *hops[CLOVE_TRAY_N_HOPS];
  guint strikes;
  guint max_strikes;
  guint n_bans;
  gint64 rebuild_at_s;
  gboolean has_actions;
  gboolean is_on;
  gboolean can_rebuild;
} CloveTrayState;

char *clove_tray_words_hops (const CloveTrayState *state) G_GNUC_WARN_UNUSED_RESULT;
char *clove_tray_words_strikes (const CloveTrayState *state) G_GNUC_WARN_UNUSED_RESULT;
char *clove_tray_words_bans (const CloveTrayState *state) G_GNUC_WARN_UNUSED_RESULT;
char *clove_tray_words_rebuild (guint left_s) G_GNUC_WARN_UNUSED_RESULT;
guint clove_tray_words_left_s (const CloveTrayState *state, gint64 wall_us);

gboolean clove_tray_words_is_recoloured (const char *desktops);
char *clove_tray_words_icon (const char *look, gboolean is_recoloured) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
