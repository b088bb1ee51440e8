/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

JsonObject *test_vectors_load (const char *name);
JsonArray *test_vectors_list (JsonObject *object, const char *member);
JsonObject *test_vectors_object (JsonObject *object, const char *member);
gboolean test_vectors_has (JsonObject *object, const char *member);
const char *test_vectors_text (JsonObject *object, const char *member);
gint64 test_vectors_long (JsonObject *object, const char *member);

GBytes *test_vectors_unhex (const char *hex);
GBytes *test_vectors_hex (JsonObject *object, const char *member);
GBytes *test_vectors_element_hex (JsonArray *array, guint index);
const guint8 *test_vectors_borrow (GPtrArray *keep,
                                   JsonObject *object,
                                   const char *member,
                                   gsize *size_out);
const guint8 *test_vectors_borrow_32 (GPtrArray *keep, JsonObject *object, const char *member);

void test_assert_bytes (GBytes *actual, GBytes *expected);
void test_assert_member (JsonObject *object,
                         const char *member,
                         const guint8 *actual,
                         gsize actual_size);

G_END_DECLS
