// The words of signaling/wire/transport.hpp, for hosts of the hub.
#pragma once

#include "signaling/wire/transport.hpp"

namespace zegocall::hub_detail {

using wire_detail::EngineRequest;
using wire_detail::HandshakeContext;
using wire_detail::HttpMethod;
using wire_detail::HttpReply;
using wire_detail::Peer;
using wire_detail::TransportHost;

}  // namespace zegocall::hub_detail
