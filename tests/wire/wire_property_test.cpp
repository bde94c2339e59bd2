// decode(encode(x)) == x for every packet that can be said.
#include "support/rapidcheck.hpp"

#include <doctest/doctest.h>

#include "signaling/wire/engine_packet.hpp"
#include "signaling/wire/socket_packet.hpp"

using namespace zegocall;
using namespace zegocall::wire_detail;

namespace {

rc::Gen<std::string> any_text() { return rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~')); }

rc::Gen<std::string> any_namespace() {
  return rc::gen::map(rc::gen::container<std::string>(rc::gen::elementOf(std::string("abc-_:?/0"))),
                      [](const std::string& rest) { return "/" + rest; });
}

struct Said {
  std::string name, nsp;
  std::optional<std::uint64_t> id;
  Args args;
};

Args any_args() {
  Args args;
  const auto count = *rc::gen::inRange(0, 5);
  for (int i = 0; i < count; ++i) {
    switch (*rc::gen::inRange(0, 5)) {
      case 0: args.add(*rc::gen::arbitrary<std::string>()); break;
      case 1: args.add(*rc::gen::arbitrary<std::int64_t>()); break;
      case 2: args.add(BytesView(std::string_view(*rc::gen::arbitrary<std::string>()))); break;
      case 3: args.add(nullptr); break;
      default: args.add(JsonObject{{"k", JsonArray::list({true, BytesView("b"), *any_text()})}}); break;
    }
  }
  return args;
}

bool reserved(const std::string& name) {
  return name == "connect" || name == "connect_error" || name == "disconnect" || name == "disconnecting" ||
         name == "newListener" || name == "removeListener";
}

}  // namespace

TEST_CASE("engine packets") {
  check_property("a payload gives back its packets", [] {
    struct Packet {
      EngineType type;
      bool binary;
      std::string data;
    };
    std::vector<Packet> packets;
    const auto count = *rc::gen::inRange(1, 20);
    std::string body;
    for (int i = 0; i < count; ++i) {
      const bool binary = *rc::gen::arbitrary<bool>();
      Packet packet{binary ? EngineType::message : static_cast<EngineType>(*rc::gen::inRange(0, 7)), binary,
                    binary ? *rc::gen::arbitrary<std::string>() : *any_text()};
      append_to_payload(body, EnginePacket{packet.type, packet.binary, packet.data});
      packets.push_back(packet);
    }
    PayloadReader reader(body);
    for (const Packet& packet : packets) {
      RC_ASSERT(!reader.done());
      auto read = reader.next();
      RC_ASSERT(read.has_value());
      RC_ASSERT(*read == (EnginePacket{packet.type, packet.binary, packet.data}));
    }
    RC_ASSERT(reader.done());
  });
}

TEST_CASE("socket packets") {
  check_property("an event says the same after the wire", [] {
    Said said{*any_text(), *any_namespace(),
              *rc::gen::arbitrary<bool>() ? std::optional(*rc::gen::arbitrary<std::uint64_t>()) : std::nullopt, any_args()};
    RC_PRE(!reserved(said.name));
    std::string frame, scratch;
    encode_event(frame, said.nsp, said.id, said.name, said.args);
    auto packet = decode_socket(std::string_view(frame).substr(1), {.attachments = 100, .json = {}}, scratch);
    RC_ASSERT(packet.has_value());
    RC_ASSERT(packet->name == said.name);
    RC_ASSERT(packet->nsp == said.nsp);
    RC_ASSERT(packet->id == said.id);
    RC_ASSERT(packet->attachments == said.args.attachments().size());
    RC_ASSERT(packet->binary() == !said.args.attachments().empty());
    auto args = attach(*packet, said.args.attachments());
    RC_ASSERT(args.has_value());
    RC_ASSERT(args->text() == said.args.text());
  });
  check_property("an acknowledgement says the same after the wire", [] {
    const auto nsp = *any_namespace();
    const auto id = *rc::gen::arbitrary<std::uint64_t>();
    const Args args = any_args();
    std::string frame, scratch;
    encode_ack(frame, nsp, id, args);
    auto packet = decode_socket(std::string_view(frame).substr(1), {.attachments = 100, .json = {}}, scratch);
    RC_ASSERT(packet.has_value());
    RC_ASSERT(packet->id == id);
    RC_ASSERT(packet->nsp == nsp);
    RC_ASSERT(attach(*packet, args.attachments())->text() == args.text());
  });
  check_property("any text is taken or refused, and never read past its end", [](const std::string& text) {
    std::string scratch;
    for (char type = '0'; type < '7'; ++type) (void)decode_socket(type + text, {}, scratch);
  });
}
