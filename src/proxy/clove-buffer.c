/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-buffer.h"

#include <string.h>

#define FIRST_CAPACITY 1024
/* An empty buffer may keep so much. */
#define KEPT_CAPACITY  2048

/** clove_buffer_clear: Empty the buffer and give its memory back. */
void
clove_buffer_clear (CloveBuffer *self)
{
  g_free (self->data);
  *self = (CloveBuffer){ 0 };
}

/** clove_buffer_get_size: Get how many bytes wait to be consumed. */
gsize
clove_buffer_get_size (const CloveBuffer *self)
{
  return self->end - self->start;
}

/** clove_buffer_get_data: (nullable): Get the first of them; valid until the next change. */
const guint8 *
clove_buffer_get_data (const CloveBuffer *self)
{
  return self->data != NULL ? self->data + self->start : NULL;
}

/** clove_buffer_reserve: Get room for @size bytes at the end, to be filled and committed. */
guint8 *
clove_buffer_reserve (CloveBuffer *self, gsize size)
{
  gsize used = clove_buffer_get_size (self);

  if (self->capacity - self->end >= size && self->data != NULL)
    return self->data + self->end;

  if (self->start > 0 && self->data != NULL) {
    memmove (self->data, self->data + self->start, used);
    self->start = 0;
    self->end = used;
  }
  if (self->capacity - used < size || self->data == NULL) {
    gsize wanted = used + size;

    g_assert (wanted >= size);
    self->capacity = MAX (MAX (wanted, self->capacity * 2), FIRST_CAPACITY);
    self->data = g_realloc (self->data, self->capacity);
  }
  return self->data + self->end;
}

/** clove_buffer_commit: Say that @size bytes of what was reserved are now filled. */
void
clove_buffer_commit (CloveBuffer *self, gsize size)
{
  g_assert (size <= self->capacity - self->end);
  self->end += size;
}

/** clove_buffer_append: Copy @size bytes to the end. */
void
clove_buffer_append (CloveBuffer *self, gconstpointer bytes, gsize size)
{
  if (size == 0)
    return;
  memcpy (clove_buffer_reserve (self, size), bytes, size);
  self->end += size;
}

/** clove_buffer_append_text: Copy a string to the end, without its final zero. */
void
clove_buffer_append_text (CloveBuffer *self, const char *text)
{
  clove_buffer_append (self, text, strlen (text));
}

/** clove_buffer_append_number: Write a number in base 10 or 16, without leading zeros. */
void
clove_buffer_append_number (CloveBuffer *self, guint64 number, guint base)
{
  char digits[20] = { 0 };
  gsize first = sizeof digits;

  do {
    digits[--first] = "0123456789abcdef"[number % base];
    number /= base;
  } while (number > 0);
  clove_buffer_append (self, digits + first, sizeof digits - first);
}

/** clove_buffer_consume: Drop the first @size bytes, no more than there are. */
void
clove_buffer_consume (CloveBuffer *self, gsize size)
{
  g_assert (size <= clove_buffer_get_size (self));
  self->start += size;
  if (self->start == self->end)
    self->start = self->end = 0;
}

/** clove_buffer_trim: Give the memory of a buffer back that is empty for now, if it is much. */
void
clove_buffer_trim (CloveBuffer *self)
{
  if (clove_buffer_get_size (self) == 0 && self->capacity > KEPT_CAPACITY)
    clove_buffer_clear (self);
}

/** clove_buffer_steal: (transfer full): Take the bytes out and leave the buffer empty. */
GBytes *
clove_buffer_steal (CloveBuffer *self)
{
  gsize size = clove_buffer_get_size (self);
  GBytes *bytes = NULL;

  if (self->start > 0)
    bytes = g_bytes_new (self->data + self->start, size);
  else
    bytes = g_bytes_new_take (g_steal_pointer (&self->data), size);
  clove_buffer_clear (self);
  return bytes;
}
