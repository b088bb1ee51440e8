/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

JsonObject *test_vectors_load (const char *name);
GBytes *test_vectors_hex (JsonObject *object, const char *member);
GBytes *test_vectors_element_hex (JsonArray *array, guint index);
GBytes *test_vectors_unhex (const char *hex);
gint64 test_vectors_long (JsonObject *object, const char *member);
void test_assert_bytes (GBytes *actual, GBytes *expected);

G_END_DECLS
