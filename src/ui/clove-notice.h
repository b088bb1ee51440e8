/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-snapshot.h"

#include <glib.h>

G_BEGIN_DECLS

#define CLOVE_NOTICE_N_BUTTONS 2

/**
 * CloveSituation:
 * @is_on: the user wants it on
 * @is_demo: the network is one of our own on this computer
 * @is_first_run: the user has not said yet which network to use
 * @listen: (nullable): where it is to listen, "ip:port"
 *
 * What a snapshot of the engine does not know.
 */
typedef struct {
  gboolean is_on;
  gboolean is_demo;
  gboolean is_first_run;
  const char *listen;
} CloveSituation;

/**
 * CloveTakenPort:
 * @port: the port that is taken; 0 if none is
 * @free_port: the next one that is free; 0 if none is known
 * @is_clove: it is Clove itself that listens there
 */
typedef struct {
  guint16 port;
  guint16 free_port;
  gboolean is_clove;
} CloveTakenPort;

/**
 * CloveNotice:
 * @icon: name of a symbolic icon
 * @title: in a few words
 * @description: sentences
 * @buttons: what can be done about it, the best first; their @label is %NULL for none, @target is
 *   the string that the action takes, or %NULL
 *
 * What the overview says instead of a circuit.
 */
typedef struct {
  const char *icon;
  char *title;
  char *description;
  struct {
    char *label;
    const char *action;
    const char *target;
  } buttons[CLOVE_NOTICE_N_BUTTONS];
} CloveNotice;

gboolean clove_notice_fill (CloveNotice *out,
                            const CloveSnapshot *snapshot,
                            const CloveSituation *situation,
                            const CloveTakenPort *taken,
                            const char *trouble,
                            gint64 now_us);
void clove_notice_clear (CloveNotice *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CloveNotice, clove_notice_clear)

G_END_DECLS
