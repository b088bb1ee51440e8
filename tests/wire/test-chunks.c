/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chunks.json: what comes out of CloveChunks.
 *
 * Where the chunks of a stream agree with each other, the result must be the reference's. Where
 * they do not, a sound client refuses the reply though the reference may have delivered something;
 * which cases these are is found here from the chunks themselves.
 */
#include "config.h"

#include "clove-chunks.h"
#include "clove-onion.h"
#include "clove-relay-message.h"
#include "test-vectors.h"

#include <string.h>

#define MAX_REPLY_BYTES ((gsize) 16 * 1024 * 1024)
/* The exit cuts at 6000; we take somewhat larger pieces. */
#define MAX_PIECE_BYTES 8192

/* One stream that somebody waits for. */
typedef struct {
  gint32 id;
  CloveChunks *chunks;
  gboolean is_refused;       /* by the assembly */
  gboolean is_contradictory; /* as the test sees it */
  guint n_chunks;            /* with its outer id */
  guint n_total;
  GHashTable *pieces; /* index -> GBytes, as first seen */
  GByteArray *body;
} Stream;

static void
stream_free (gpointer data)
{
  Stream *stream = data;

  clove_chunks_free (stream->chunks);
  g_hash_table_unref (stream->pieces);
  g_byte_array_unref (stream->body);
  g_free (stream);
}

static Stream *
stream_new (gint32 id)
{
  Stream *stream = g_new0 (Stream, 1);

  stream->id = id;
  stream->chunks = clove_chunks_new (id, MAX_REPLY_BYTES);
  stream->pieces =
    g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_bytes_unref);
  stream->body = g_byte_array_new ();
  return stream;
}

/* Whether this chunk cannot belong to one sound reply together with those before it. */
static gboolean
contradicts (Stream *stream, const CloveRelayMessage *chunk, GBytes *piece)
{
  gsize size = g_bytes_get_size (piece);
  GBytes *before = NULL;

  if (chunk->number2 <= 0 || chunk->number2 > CLOVE_CHUNKS_MAX_TOTAL || chunk->number < 0 ||
      chunk->number >= chunk->number2 || size == 0 || size > MAX_PIECE_BYTES)
    return TRUE;
  if (stream->n_total == 0)
    stream->n_total = (guint) chunk->number2;
  if (stream->n_total != (guint) chunk->number2)
    return TRUE;
  before = g_hash_table_lookup (stream->pieces, GINT_TO_POINTER (chunk->number + 1));
  if (before != NULL)
    return !g_bytes_equal (before, piece);
  g_hash_table_insert (stream->pieces, GINT_TO_POINTER (chunk->number + 1), g_bytes_ref (piece));
  return FALSE;
}

/* Whether all pieces together are no reply for this very stream. */
static gboolean
is_no_reply (Stream *stream)
{
  g_autoptr (GByteArray) whole = g_byte_array_new ();
  CloveRelayMessage reply = { 0 };

  if (stream->n_total == 0 || g_hash_table_size (stream->pieces) < stream->n_total)
    return FALSE;
  for (guint i = 0; i < stream->n_total; i++) {
    GBytes *piece = g_hash_table_lookup (stream->pieces, GUINT_TO_POINTER (i + 1));

    g_byte_array_append (whole, g_bytes_get_data (piece, NULL), (guint) g_bytes_get_size (piece));
  }
  return !clove_relay_message_parse (&reply, whole->data, whole->len, NULL) ||
         reply.type != CLOVE_RELAY_MESSAGE_STREAM_DATA || reply.stream_id != stream->id;
}

static void
drain (Stream *stream)
{
  gsize size = 0;

  for (const guint8 *bytes = clove_chunks_peek (stream->chunks, &size); bytes != NULL;
       bytes = clove_chunks_peek (stream->chunks, &size)) {
    g_byte_array_append (stream->body, bytes, (guint) size);
    clove_chunks_consume (stream->chunks, size);
  }
}

static void
take_piece (Stream *stream, const CloveRelayMessage *chunk, const guint8 *piece, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (piece, size);
  g_autoptr (GError) error = NULL;

  stream->is_contradictory = stream->is_contradictory || contradicts (stream, chunk, bytes) ||
                             is_no_reply (stream);
  if (stream->is_refused)
    return;
  if (!clove_chunks_add (stream->chunks, chunk->number, chunk->number2, piece, size, &error)) {
    g_assert_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_MALFORMED);
    g_test_message ("  stream %d refused: %s", stream->id, error->message);
    stream->is_refused = TRUE;
  }
}

static Stream *
find_stream (GPtrArray *streams, gint32 id)
{
  for (guint i = 0; i < streams->len; i++) {
    Stream *stream = g_ptr_array_index (streams, i);

    if (stream->id == id)
      return stream;
  }
  return NULL;
}

/* Opens the piece with the exit's key, which must do where it did for the reference. */
static const guint8 *
open_piece (JsonObject *vectors,
            JsonObject *object,
            guint8 *payload,
            gsize payload_size,
            gsize *size_out)
{
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const char *reference = test_vectors_text (object, "reference");
  gboolean is_strange = reference != NULL && g_str_has_prefix (reference, "decrypt ");
  const guint8 *piece = NULL;

  if (is_strange && test_vectors_has (vectors, "other_key")) {
    g_autofree guint8 *copy = g_memdup2 (payload, payload_size);

    piece = clove_onion_open (copy, payload_size,
                              test_vectors_borrow_32 (keep, vectors, "other_key"), size_out);
    g_assert_cmpint (piece != NULL, ==, payload_size >= CLOVE_ONION_OVERHEAD);
  }
  piece = clove_onion_open (payload, payload_size,
                            test_vectors_borrow_32 (keep, vectors, "exit_key"), size_out);
  g_assert_cmpint (piece == NULL, ==, is_strange);
  return piece;
}

/* As a client does: find the stream, open, add. */
static void
take_chunk (GPtrArray *streams, JsonObject *vectors, JsonObject *object, gboolean is_drained)
{
  g_autoptr (GBytes) boxed = test_vectors_hex (object, "chunk");
  CloveRelayMessage chunk = { 0 };
  Stream *stream = NULL;
  g_autofree guint8 *payload = NULL;
  const guint8 *piece = NULL;
  gsize size = 0;
  g_autoptr (GError) error = NULL;

  g_assert_true (clove_relay_message_parse (&chunk, g_bytes_get_data (boxed, NULL),
                                            g_bytes_get_size (boxed), &error));
  g_assert_no_error (error);
  g_assert_cmpint (chunk.type, ==, CLOVE_RELAY_MESSAGE_DATA_CHUNK);
  test_assert_member (vectors, "circuit_id", chunk.id, CLOVE_INT256_SIZE);
  stream = find_stream (streams, chunk.stream_id);
  /* Of a stream that nobody waits for the reference does not even open the chunks. */
  if (stream == NULL)
    return;
  stream->n_chunks++;
  payload = g_memdup2 (chunk.data, chunk.data_size);
  piece = open_piece (vectors, object, payload, chunk.data_size, &size);
  if (piece == NULL)
    return;
  take_piece (stream, &chunk, piece, size);
  if (is_drained && !stream->is_refused)
    drain (stream);
}

/* What the reference delivered to the stream; NULL when nothing. */
static JsonObject *
find_delivery (JsonObject *object, gint32 id)
{
  JsonArray *deliveries = test_vectors_has (object, "reference_delivers")
                            ? json_object_get_array_member (object, "reference_delivers")
                            : NULL;

  for (guint i = 0; deliveries != NULL && i < json_array_get_length (deliveries); i++) {
    JsonObject *delivery = json_array_get_object_element (deliveries, i);

    if (test_vectors_long (delivery, "stream") == id)
      return delivery;
  }
  return NULL;
}

/* The vectors agree with themselves: who got something had waited for it. */
static void
assert_awaited (GPtrArray *streams, JsonObject *object)
{
  JsonArray *deliveries = test_vectors_has (object, "reference_delivers")
                            ? json_object_get_array_member (object, "reference_delivers")
                            : NULL;

  for (guint i = 0; deliveries != NULL && i < json_array_get_length (deliveries); i++) {
    JsonObject *delivery = json_array_get_object_element (deliveries, i);

    g_assert_nonnull (find_stream (streams, (gint32) test_vectors_long (delivery, "stream")));
  }
}

static void
check_stream (Stream *stream, JsonObject *object, gboolean is_drained)
{
  JsonObject *delivery = find_delivery (object, stream->id);
  g_autofree char *digest = NULL;

  /* What was read already is not kept for comparing, so with a reader that keeps up the first of
   * two contents may stay unchallenged. */
  if (stream->is_contradictory) {
    g_assert_true (stream->is_refused || is_drained);
    return;
  }
  /* A reply that can never become whole may be refused before all of it is there. */
  if (stream->is_refused) {
    g_assert_null (delivery);
    return;
  }
  drain (stream);
  /* A reply for another stream is refused, and the reference handed it to that one. */
  if (delivery == NULL || stream->n_chunks == 0) {
    g_assert_false (clove_chunks_is_complete (stream->chunks));
    return;
  }
  g_assert_true (clove_chunks_is_complete (stream->chunks));
  g_assert_cmpint (stream->body->len, ==, test_vectors_long (delivery, "len"));
  g_assert_cmpint (clove_chunks_get_body_size (stream->chunks), ==, stream->body->len);
  digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, stream->body->data, stream->body->len);
  g_assert_cmpstr (digest, ==, test_vectors_text (delivery, "sha256"));
}

static void
check_case (JsonObject *vectors, JsonObject *object, gboolean is_drained)
{
  g_autoptr (GPtrArray) streams = g_ptr_array_new_with_free_func (stream_free);
  JsonArray *chunks = test_vectors_list (object, "chunks");
  JsonArray *waiting = test_vectors_has (object, "waiting_streams")
                         ? json_object_get_array_member (object, "waiting_streams")
                         : NULL;

  for (guint i = 0; waiting != NULL && i < json_array_get_length (waiting); i++)
    g_ptr_array_add (streams, stream_new ((gint32) json_array_get_int_element (waiting, i)));
  for (guint i = 0; i < json_array_get_length (chunks); i++)
    take_chunk (streams, vectors, json_array_get_object_element (chunks, i), is_drained);
  assert_awaited (streams, object);
  for (guint i = 0; i < streams->len; i++)
    check_stream (g_ptr_array_index (streams, i), object, is_drained);
}

static void
check_all (gboolean is_drained)
{
  g_autoptr (JsonObject) vectors = test_vectors_load ("chunks.json");
  JsonArray *list = test_vectors_list (vectors, "vectors");

  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *object = json_array_get_object_element (list, i);
    const char *name = test_vectors_text (object, "name");

    g_test_message ("%u: %s", i, name != NULL ? name : "");
    check_case (vectors, object, is_drained);
  }
}

static void
test_at_end (void)
{
  check_all (FALSE);
}

/* A reader that takes each finished byte at once gets the same. */
static void
test_as_it_comes (void)
{
  check_all (TRUE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/wire/chunks/at-end", test_at_end);
  g_test_add_func ("/clove/wire/chunks/as-it-comes", test_as_it_comes);
  return g_test_run ();
}
