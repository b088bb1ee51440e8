/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <glib.h>

G_BEGIN_DECLS

/* Longest control line, line end not counted. */
#define CLOVE_LOCALNET_MAX_LINE_SIZE 256
#define CLOVE_LOCALNET_NAME_SIZE     32
/* The name that means every relay. */
#define CLOVE_LOCALNET_ALL           "all"

typedef enum {
  CLOVE_LOCALNET_KILL,
  CLOVE_LOCALNET_REVIVE,
  CLOVE_LOCALNET_FREEZE,
  CLOVE_LOCALNET_RESTART,
  CLOVE_LOCALNET_DELAY,
  CLOVE_LOCALNET_DROP,
  CLOVE_LOCALNET_LOSE,
  CLOVE_LOCALNET_REORDER,
  CLOVE_LOCALNET_CORRUPT,
  CLOVE_LOCALNET_LIE,
  CLOVE_LOCALNET_IMPERSONATE,
  CLOVE_LOCALNET_ERROR,
  CLOVE_LOCALNET_HEAL,
  CLOVE_LOCALNET_LIST,
  CLOVE_LOCALNET_HELP,
} CloveLocalnetVerb;

/**
 * CloveLocalnetCommand:
 * @name: a relay's name or %CLOVE_LOCALNET_ALL
 * @value: milliseconds, percent or per mille, of the verbs that take one
 *
 * One control line.
 */
typedef struct {
  CloveLocalnetVerb verb;
  char name[CLOVE_LOCALNET_NAME_SIZE];
  guint value;
} CloveLocalnetCommand;

gboolean clove_localnet_command_parse (CloveLocalnetCommand *out, const char *line, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
char *clove_localnet_command_describe_all (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
