// Where tokens and secrets come from: standard input, a file, the environment; a secret is never an argument.
#pragma once

#include <optional>
#include <string>

#include "commands.hpp"
#include "zegocall/token.hpp"

namespace zegocall::cli {

/// The app id, or nothing where none is given; invalid_argument where it is no number. The error names the variable.
Result<std::optional<AppId>> find_app(const KeyOptions& options);
/// The secret without the line end, or nothing where none is given.
Result<std::optional<Secret>> find_secret(const KeyOptions& options);
/// The secret of another thing: from the file, else the variables, the first the more specific.
Result<std::optional<Secret>> find_secret_in(const std::string& file, const char* specific, const char* general);
/// A keyring of both; missing_field names what to set.
Result<Keyring> find_keys(const KeyOptions& options);

/// The argument, else standard input, without white space at its end; limit_exceeded beyond 16 MB.
Result<std::string> find_token(const CheckOptions& options);
/// The same for any text; `secret_file` may want standard input too, which is an error.
Result<std::string> find_text(const std::string& argument, const std::string& secret_file);
/// Whole; limit_exceeded beyond a megabyte, io_error with this field. The path is not repeated: it may be a secret, given in its
/// place.
Result<std::string> read_file(const std::string& path, std::string field);
UnixTime find_now(const std::optional<std::int64_t>& seconds);

}  // namespace zegocall::cli
