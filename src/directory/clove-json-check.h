/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Objects and arrays inside one another; a relay list has three levels. */
#define CLOVE_JSON_MAX_DEPTH       32
/* Values in one text. Each costs the JSON library about 100 bytes, whatever it says. */
#define CLOVE_JSON_MAX_VALUES      1000000
/* Characters of one number, far above what any exact number needs. */
#define CLOVE_JSON_MAX_NUMBER_SIZE 64

gboolean clove_json_check (const char *text, gsize size, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
