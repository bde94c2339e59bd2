// What call commands have in common: opening the store read-only, and saying calls and events as JSON and in words.
#pragma once

#include <memory>
#include <string>

#include "commands.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/store/store.hpp"

namespace zegocall::cli {

enum class StoreUse : unsigned char { look, write };
/// A file, read-only unless it is to be written. not_in_this_build for postgresql:// and builds without SQLite; not_found if
/// there is no such file.
Result<std::unique_ptr<Store>> open_store(const std::string& db, StoreUse use = StoreUse::look);
/// not_found if there is no such call.
Result<CallView> load_call(Store& store, const std::string& id);

JsonObject call_json(const CallView& call);
JsonObject event_json(const CallEvent& event);

/// From the first entry into the media room to the end; nothing if nobody entered or it goes on.
std::optional<std::chrono::milliseconds> talk_time(const CallView& call);
/// From the start to the answer, or to the end if there was none.
std::optional<std::chrono::milliseconds> ring_time(const CallView& call);
/// "alice -> bob"
std::string people_words(const CallView& call);
/// "answered, hangup"; "ringing" while it lives.
std::string outcome_words(const CallView& call);
/// "bob/phone", "bob", or nothing.
std::string who_words(const CallEvent& event);
/// What else there is to say: "ring until +60.0 s", "answered_elsewhere".
std::string note_words(const CallEvent& event, UnixTime start);

}  // namespace zegocall::cli
