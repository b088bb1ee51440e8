/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveDirectoryError:
 * @CLOVE_DIRECTORY_ERROR_NOT_JSON: the bytes are not strict JSON (RFC 8259), or nest too deeply
 * @CLOVE_DIRECTORY_ERROR_TOO_LARGE: more bytes or values than a list may have
 * @CLOVE_DIRECTORY_ERROR_WRONG_SHAPE: JSON, but not an object with an array of relays
 * @CLOVE_DIRECTORY_ERROR_WRONG_VERSION: a version of the format that is not known here
 * @CLOVE_DIRECTORY_ERROR_DUPLICATE_KEY: two relays claim one key, so one of them is not itself
 * @CLOVE_DIRECTORY_ERROR_TOO_FEW_RELAYS: fewer than three usable relays
 * @CLOVE_DIRECTORY_ERROR_MISSING_ROLE: relays enough, but a role that nobody can fill
 * @CLOVE_DIRECTORY_ERROR_BAD_RELAY: one relay breaks a rule of clove_relay_new()
 * @CLOVE_DIRECTORY_ERROR_NO_SUCH_RELAY: no relay has this name, key or address
 * @CLOVE_DIRECTORY_ERROR_AMBIGUOUS_RELAY: several relays have this name
 * @CLOVE_DIRECTORY_ERROR_BAD_LOCATION: the place of a directory is neither an https address, nor an
 *   http one on this machine, nor a file
 * @CLOVE_DIRECTORY_ERROR_UNAVAILABLE: the directory could not be read: no network, an answer other
 *   than 200, a redirect that is not followed, no such file
 * @CLOVE_DIRECTORY_ERROR_TIMED_OUT: the directory did not arrive in time
 *
 * What can be wrong with a directory. Every message is a clause fit for a user to read.
 */
typedef enum {
  CLOVE_DIRECTORY_ERROR_NOT_JSON,
  CLOVE_DIRECTORY_ERROR_TOO_LARGE,
  CLOVE_DIRECTORY_ERROR_WRONG_SHAPE,
  CLOVE_DIRECTORY_ERROR_WRONG_VERSION,
  CLOVE_DIRECTORY_ERROR_DUPLICATE_KEY,
  CLOVE_DIRECTORY_ERROR_TOO_FEW_RELAYS,
  CLOVE_DIRECTORY_ERROR_MISSING_ROLE,
  CLOVE_DIRECTORY_ERROR_BAD_RELAY,
  CLOVE_DIRECTORY_ERROR_NO_SUCH_RELAY,
  CLOVE_DIRECTORY_ERROR_AMBIGUOUS_RELAY,
  CLOVE_DIRECTORY_ERROR_BAD_LOCATION,
  CLOVE_DIRECTORY_ERROR_UNAVAILABLE,
  CLOVE_DIRECTORY_ERROR_TIMED_OUT,
} CloveDirectoryError;

#define CLOVE_DIRECTORY_ERROR (clove_directory_error_quark ())
GQuark clove_directory_error_quark (void);

G_END_DECLS
