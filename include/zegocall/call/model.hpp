// What a call is: the plain records that the engine decides about, stores keep and gateways translate.
// A call has legs (one per person), a leg has devices. A call is the fold of its events: CallView is what the events
// so far add up to. The rules that produce the events are in one place, src/call/decide*.cpp; docs/call-model.md
// explains them. All types here are values; thread-compatible. Read in this order:
#pragma once

#include "zegocall/call/words.hpp"
// how calls behave, and how big they may be
#include "zegocall/call/policy.hpp"
// who may do what
#include "zegocall/call/roles.hpp"
// what a room has beside a call
#include "zegocall/call/room.hpp"
// the call itself
#include "zegocall/call/call.hpp"
// what is asked of it
#include "zegocall/call/commands.hpp"
// and what happened
#include "zegocall/call/events.hpp"
