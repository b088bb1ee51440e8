/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  CLOVE_FAULT_RELAY_ALIVE,
  CLOVE_FAULT_RELAY_FROZEN,
  CLOVE_FAULT_RELAY_DEAD,
} CloveFaultRelayState;

/**
 * CloveFaultRelay:
 * @name: such as "relay2"
 * @address: "ip:port"
 * @is_exit: whether it can be the exit
 * @delay_ms: how long it holds datagrams back
 * @drop_percent: how many it loses
 * @is_lying: as exit, it says that no site exists
 * @has_others: there are faults that the board has no button for
 *
 * A relay of the demo and what is wrong with it.
 */
typedef struct {
  char *name;
  char *address;
  gboolean is_exit;
  CloveFaultRelayState state;
  guint delay_ms;
  guint drop_percent;
  gboolean is_lying;
  gboolean has_others;
} CloveFaultRelay;

GPtrArray *clove_fault_list_parse (const char *text) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_fault_relay_is_sound (const CloveFaultRelay *self);

G_END_DECLS
