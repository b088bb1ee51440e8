/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-localnet.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveLocalnetArguments:
 * @origin: (nullable): HOST:PORT
 * @directory_path: (nullable): where the directory is written
 * @control_path: (nullable): where control lines are taken
 * @keeps_running: whether to go on when standard input ends
 *
 * The command line of clove-localnet.
 */
typedef struct {
  CloveLocalnetOptions network;
  char *origin;
  char *directory_path;
  char *control_path;
  gboolean keeps_running;
  gboolean shows_version;
} CloveLocalnetArguments;

CloveLocalnetArguments *clove_localnet_arguments_parse (char **argv, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
void clove_localnet_arguments_free (CloveLocalnetArguments *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveLocalnetArguments, clove_localnet_arguments_free)

G_END_DECLS
