/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Long messages (src/adnl/README.md, "Parts"). Each assembly is a fixed block of memory that is
 * used again for the next message, so a steady stream of long messages allocates nothing.
 */
#include "config.h"

#include "clove-adnl-parts.h"

#include "clove-adnl-cipher.h"

#include <string.h>

/* Parts of one message; the reference cuts at 1024, so 8320 bytes are at most 9. */
#define MAX_PIECES 16

typedef struct {
  guint32 offset;
  guint32 size;
} Piece;

typedef struct {
  guint8 hash[CLOVE_CHECKSUM_SIZE];
  guint32 total_size;
  guint32 n_received;
  guint n_pieces;
  Piece pieces[MAX_PIECES];
  guint8 data[CLOVE_ADNL_MAX_JOINED_SIZE];
} Assembly;

/* What is looked through for each part lies close together. */
struct _CloveAdnlParts {
  guint64 tags[CLOVE_ADNL_MAX_ASSEMBLIES];         /* the first bytes of the hashes */
  guint64 last_used[CLOVE_ADNL_MAX_ASSEMBLIES];    /* 0: free */
  Assembly *assemblies[CLOVE_ADNL_MAX_ASSEMBLIES]; /* owned, made when first needed */
  guint64 n_uses;
};

/** clove_adnl_parts_new: (transfer full): Make an empty set of assemblies. */
CloveAdnlParts *
clove_adnl_parts_new (void)
{
  return g_new0 (CloveAdnlParts, 1);
}

/** clove_adnl_parts_free: (nullable): Free. */
void
clove_adnl_parts_free (CloveAdnlParts *self)
{
  if (self == NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (self->assemblies); i++)
    g_free (self->assemblies[i]);
  g_free (self);
}

static guint64
tag_of (const guint8 *hash)
{
  guint64 tag = 0;

  memcpy (&tag, hash, sizeof tag);
  return tag;
}

/* Finds the assembly of the message, if one has begun. */
static gboolean
find_assembly (CloveAdnlParts *self, const guint8 *hash, gsize *index_out)
{
  guint64 tag = tag_of (hash);

  for (gsize i = 0; i < G_N_ELEMENTS (self->tags); i++) {
    if (self->tags[i] == tag && self->last_used[i] != 0 &&
        memcmp (self->assemblies[i]->hash, hash, CLOVE_CHECKSUM_SIZE) == 0) {
      *index_out = i;
      return TRUE;
    }
  }
  return FALSE;
}

/* A free assembly, else the one that waited longest, made ready for the message of @part. */
static gsize
begin_assembly (CloveAdnlParts *self, const CloveAdnlMessage *part)
{
  gsize oldest = 0;
  Assembly *assembly = NULL;

  for (gsize i = 1; i < G_N_ELEMENTS (self->last_used) && self->last_used[oldest] != 0; i++) {
    if (self->last_used[i] < self->last_used[oldest])
      oldest = i;
  }
  if (self->assemblies[oldest] == NULL)
    self->assemblies[oldest] = g_new0 (Assembly, 1);
  assembly = self->assemblies[oldest];
  self->tags[oldest] = tag_of (part->id);
  memcpy (assembly->hash, part->id, sizeof assembly->hash);
  assembly->total_size = part->total_size;
  assembly->n_received = 0;
  assembly->n_pieces = 0;
  return oldest;
}

static gboolean
overlaps (const Assembly *assembly, const CloveAdnlMessage *part)
{
  for (guint i = 0; i < assembly->n_pieces; i++) {
    const Piece *piece = &assembly->pieces[i];

    if (part->offset < piece->offset + piece->size &&
        piece->offset < part->offset + part->data_size)
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_repeated (const Assembly *assembly, const CloveAdnlMessage *part)
{
  for (guint i = 0; i < assembly->n_pieces; i++) {
    if (assembly->pieces[i].offset == part->offset && assembly->pieces[i].size == part->data_size)
      return TRUE;
  }
  return FALSE;
}

static void
keep_piece (Assembly *assembly, const CloveAdnlMessage *part)
{
  assembly->pieces[assembly->n_pieces++] =
    (Piece){ .offset = part->offset, .size = (guint32) part->data_size };
  memcpy (assembly->data + part->offset, part->data, part->data_size);
  assembly->n_received += (guint32) part->data_size;
}

static gboolean
finish (Assembly *assembly, const guint8 **joined_out, gsize *size_out, GError **error)
{
  guint8 hash[CLOVE_CHECKSUM_SIZE] = { 0 };

  clove_adnl_cipher_checksum (hash, assembly->data, assembly->total_size);
  if (memcmp (hash, assembly->hash, sizeof hash) != 0) {
    g_set_error_literal (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_FORGED,
                         "joined message does not have its hash");
    return FALSE;
  }
  *joined_out = assembly->data;
  *size_out = assembly->total_size;
  return TRUE;
}

/**
 * clove_adnl_parts_add:
 * @self: the assemblies of one peer
 * @part: a message of type %CLOVE_ADNL_MESSAGE_PART that clove_adnl_message_read() accepted
 * @joined_out: (out) (nullable): the whole message once its last part came, %NULL before; valid
 *   until the next call
 * @size_out: (out): its size in bytes
 * @error: %CLOVE_ADNL_ERROR_MALFORMED for a part that contradicts another,
 *   %CLOVE_ADNL_ERROR_FORGED when the whole does not have the hash
 *
 * Take one part; repeated ones are ignored.
 *
 * Returns: %FALSE when the part or the whole message was refused
 */
gboolean
clove_adnl_parts_add (CloveAdnlParts *self,
                      const CloveAdnlMessage *part,
                      const guint8 **joined_out,
                      gsize *size_out,
                      GError **error)
{
  Assembly *assembly = NULL;
  gsize index = 0;

  g_return_val_if_fail (part->type == CLOVE_ADNL_MESSAGE_PART, FALSE);

  *joined_out = NULL;
  *size_out = 0;
  if (!find_assembly (self, part->id, &index))
    index = begin_assembly (self, part);
  assembly = self->assemblies[index];
  self->last_used[index] = ++self->n_uses;
  if (is_repeated (assembly, part))
    return TRUE;
  if (assembly->total_size != part->total_size || assembly->n_pieces == MAX_PIECES ||
      overlaps (assembly, part)) {
    self->last_used[index] = 0;
    g_set_error_literal (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_MALFORMED,
                         "part contradicts another of the same message");
    return FALSE;
  }
  keep_piece (assembly, part);
  if (assembly->n_received < assembly->total_size)
    return TRUE;
  self->last_used[index] = 0;
  return finish (assembly, joined_out, size_out, error);
}
