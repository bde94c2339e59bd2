// A sequence diagram as a picture.
#include <algorithm>

#include "zegocall/base/text.hpp"
#include "zegocall/call/diagram.hpp"

namespace zegocall {
namespace {
using std::chrono::milliseconds;

constexpr int time_right = 78, first_lane = 100, head_height = 40, head_top = 58, row_height = 30, pause_height = 22, edge = 24;
constexpr int lane_least = 110, letter = 7, letter_wide = 13;
constexpr milliseconds pause_least = std::chrono::seconds(5);
constexpr std::size_t heads_again = 25;  // rows after which the heads stand at the bottom too

/// Everything that came in is printable(); what XML reads as its own is escaped.
std::string xml(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&apos;"; break;
      default: out += c;
    }
  return out;
}

/// About how many pixels the text takes: letters of Asian scripts and pictures are twice as wide.
int width_of(std::string_view text) {
  int out = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) out += byte >= 0xe3 ? letter_wide : letter;
  }
  return out;
}

std::string seconds_words(milliseconds span) {
  const std::int64_t ms = span.count();
  return std::to_string(ms / 1000) + "." + std::to_string(1000 + ms % 1000).substr(1) + " s";
}
std::string pause_words(milliseconds span) {
  const std::int64_t s = span.count() / 1000;
  if (s < 60) return std::to_string(s) + " s";
  if (s < 3600) return std::to_string(s / 60) + " min " + std::to_string(s % 60) + " s";
  return std::to_string(s / 3600) + " h " + std::to_string(s / 60 % 60) + " min";
}

/// Writes elements: tag("line", {{"x1", "3"}}).
class Svg {
 public:
  struct Attribute {
    std::string_view name;
    std::string value;
    Attribute(std::string_view n, std::string v) : name(n), value(std::move(v)) {}
    Attribute(std::string_view n, const char* v) : name(n), value(v) {}
    Attribute(std::string_view n, int v) : name(n), value(std::to_string(v)) {}
  };
  void tag(std::string_view element, std::initializer_list<Attribute> attributes, std::string_view content = {}) {
    out_.append("<").append(element);
    for (const Attribute& a : attributes) out_.append(" ").append(a.name).append("=\"").append(xml(a.value)).append("\"");
    if (content.empty())
      out_ += "/>\n";
    else
      out_.append(">").append(xml(content)).append("</").append(element).append(">\n");
  }
  void raw(std::string_view text) { out_ += text; }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

constexpr std::string_view style = R"(<style>
text{font:12px "DejaVu Sans",Verdana,sans-serif;fill:#1d2733}
.title{font-size:16px;font-weight:bold}.dim{fill:#6b7785}.user{font-weight:bold;text-anchor:middle}.mid{text-anchor:middle}
.end{text-anchor:end}.time{font-size:11px;fill:#6b7785;text-anchor:end}.halo{paint-order:stroke;stroke:#fff;stroke-width:4px}
.head{fill:#eef3f8;stroke:#8fa3b8}.call{fill:#dfe8f5;stroke:#4d6f9c}.life{stroke:#b9c4cf;stroke-dasharray:4 4}
.arrow{stroke:#2f4a6d;stroke-width:1.4;fill:none}.lost{stroke:#b3372f;stroke-width:1.4;stroke-dasharray:5 4;fill:none}
.remark{fill:#fff8dc;stroke:#d8c98a}.banner{fill:#e9edf1;stroke:#b9c4cf}
.ringing{fill:#f3bd4f;stroke:#b98516}.in{fill:#58a978;stroke:#2f7a4d}.in_grace{fill:#f0b4ae;stroke:#b3372f}
</style>
<defs>
<marker id="to" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 10 5 0 10z" fill="#2f4a6d"/></marker>
<marker id="gone" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="9" markerHeight="9" orient="auto"><path d="M1 1 9 9M9 1 1 9" stroke="#b3372f" stroke-width="2"/></marker>
</defs>
)";

std::string_view class_of(SequenceBar::Is is) {
  switch (is) {
    case SequenceBar::Is::ringing: return "ringing";
    case SequenceBar::Is::in: return "in";
    case SequenceBar::Is::in_grace: return "in_grace";
  }
  return {};
}

class Picture {
 public:
  explicit Picture(const SequenceDiagram& diagram) : d_(diagram), x_(diagram.lifelines.size()) {
    place_lanes();
    place_rows();
  }

  std::string draw() {
    begin();
    lives();
    for (const SequenceBar& bar : d_.bars) draw_bar(bar);
    for (std::size_t i = 0; i < d_.steps.size(); ++i) draw_row(i);
    for (std::size_t i = 0; i < x_.size(); ++i) {
      draw_head(i, head_top);
      if (d_.steps.size() > heads_again) draw_head(i, bottom_);
    }
    legend();
    svg_.raw("</svg>\n");
    return svg_.take();
  }

 private:
  int head_width(std::size_t i) const {
    const Lifeline& line = d_.lifelines[i];
    return std::max({70, width_of(user_of(line)) + 24, width_of(device_of(line)) + 20});
  }
  static std::string user_of(const Lifeline& line) {
    return line.user.empty() ? "call" : shortened(printable(line.user.view()), 24);
  }
  static std::string device_of(const Lifeline& line) { return shortened(printable(line.device.view()), 24); }

  void place_lanes() {
    std::vector<int> gaps(x_.size(), lane_least);
    gaps[0] = first_lane + head_width(0) / 2;
    for (std::size_t i = 1; i < x_.size(); ++i) gaps[i] = std::max(gaps[i], (head_width(i - 1) + head_width(i)) / 2 + 16);
    for (std::size_t reach = 1; reach < x_.size(); ++reach)
      for (const SequenceStep& step : d_.steps) {
        if (step.kind == SequenceStep::Kind::banner || step.kind == SequenceStep::Kind::remark) continue;
        const std::size_t first = std::min(step.from, step.to), last = std::max(step.from, step.to);
        if (last - first != reach) continue;
        int have = 0;
        for (std::size_t i = first + 1; i <= last; ++i) have += gaps[i];
        gaps[last] += std::max(0, width_of(step.text) + 36 - have);
      }
    int at = 0;
    for (std::size_t i = 0; i < x_.size(); ++i) x_[i] = at += gaps[i];
    width_ = x_.back() + head_width(x_.size() - 1) / 2 + edge;
    for (const SequenceStep& step : d_.steps)
      width_ = std::max(width_, step.kind == SequenceStep::Kind::remark ? x_[step.from] + width_of(step.text) + 30 + edge
                                                                        : x_.front() + width_of(step.text) + 20 + edge);
    width_ = std::max(width_, edge + 10 * static_cast<int>(columns(d_.title)) + edge);
  }

  void place_rows() {
    int at = head_top + head_height + 14;
    milliseconds before{0};
    for (const SequenceStep& step : d_.steps) {
      if (step.after - before >= pause_least) at += pause_height;
      before = step.after;
      y_.push_back(at += row_height);
    }
    bottom_ = at + 24;
  }

  void begin() {
    const int height = bottom_ + (d_.steps.size() > heads_again ? head_height + 12 : 0) + 40;
    svg_.raw(R"(<svg xmlns="http://www.w3.org/2000/svg" width=")" + std::to_string(width_) + "\" height=\"" +
             std::to_string(height) + "\" viewBox=\"0 0 " + std::to_string(width_) + " " + std::to_string(height) +
             "\" role=\"img\">\n");
    svg_.tag("title", {}, d_.title);
    svg_.raw(style);
    svg_.tag("rect", {{"width", "100%"}, {"height", "100%"}, {"fill", "#fff"}});
    svg_.tag("text", {{"class", "title"}, {"x", edge}, {"y", 26}}, d_.title);
    svg_.tag("text", {{"class", "dim"}, {"x", edge}, {"y", 43}}, iso8601(d_.start));
    height_ = height;
  }

  void lives() {
    for (const int x : x_)
      svg_.tag("line", {{"class", "life"}, {"x1", x}, {"y1", head_top + head_height}, {"x2", x}, {"y2", bottom_}});
  }

  void draw_head(std::size_t i, int top) {
    const Lifeline& line = d_.lifelines[i];
    const int width = head_width(i);
    const std::string device = device_of(line);
    svg_.tag("rect", {{"class", i == d_.call ? "call" : "head"},
                      {"x", x_[i] - width / 2},
                      {"y", top},
                      {"width", width},
                      {"height", head_height},
                      {"rx", 6}});
    svg_.tag("text", {{"class", "user"}, {"x", x_[i]}, {"y", top + (device.empty() ? 25 : 17)}}, user_of(line));
    if (!device.empty()) svg_.tag("text", {{"class", "mid dim"}, {"x", x_[i]}, {"y", top + 33}}, device);
  }

  void draw_bar(const SequenceBar& bar) {
    const int top = y_[bar.first], bottom = std::max(y_[bar.last], top + 6);
    svg_.tag("rect", {{"class", std::string(class_of(bar.is))},
                      {"x", x_[bar.lifeline] - 5},
                      {"y", top},
                      {"width", 10},
                      {"height", bottom - top},
                      {"rx", 2}});
  }

  void draw_row(std::size_t i) {
    const SequenceStep& step = d_.steps[i];
    const int y = y_[i];
    const milliseconds before = i == 0 ? milliseconds(0) : d_.steps[i - 1].after;
    if (step.after - before >= pause_least)
      svg_.tag("text", {{"class", "time"}, {"x", time_right}, {"y", y - row_height - 2}},
               "⋮ " + pause_words(step.after - before));
    if (i == 0 || step.after != before)
      svg_.tag("text", {{"class", "time"}, {"x", time_right}, {"y", y + 4}}, seconds_words(step.after));
    switch (step.kind) {
      case SequenceStep::Kind::arrow: draw_arrow(step, y, "arrow", "url(#to)", 6); return;
      case SequenceStep::Kind::lost: draw_arrow(step, y, "lost", "url(#gone)", 14); return;
      case SequenceStep::Kind::remark: {
        const int left = x_[step.from] + 8, width = width_of(step.text) + 14;
        svg_.tag("rect", {{"class", "remark"}, {"x", left}, {"y", y - 11}, {"width", width}, {"height", 20}, {"rx", 3}});
        svg_.tag("text", {{"x", left + 7}, {"y", y + 3}}, step.text);
        return;
      }
      case SequenceStep::Kind::banner: {
        const int left = x_.front() - 10, width = std::max(x_.back() - x_.front() + 20, width_of(step.text) + 24);
        svg_.tag("rect", {{"class", "banner"}, {"x", left}, {"y", y - 12}, {"width", width}, {"height", 22}, {"rx", 4}});
        svg_.tag("text", {{"class", "mid"}, {"x", left + width / 2}, {"y", y + 3}}, step.text);
        return;
      }
    }
  }

  void draw_arrow(const SequenceStep& step, int y, const char* kind, const char* marker, int short_of) {
    const int direction = step.from < step.to ? 1 : -1;
    const int from = x_[step.from] + 6 * direction, to = x_[step.to] - short_of * direction;
    svg_.tag("line", {{"class", kind}, {"x1", from}, {"y1", y}, {"x2", to}, {"y2", y}, {"marker-end", marker}});
    svg_.tag("text", {{"class", "mid halo"}, {"x", (from + to) / 2}, {"y", y - 6}}, step.text);
  }

  void legend() {
    int x = edge;
    const int y = height_ - 16;
    const auto entry = [&](SequenceBar::Is is, std::string_view word) {
      if (std::none_of(d_.bars.begin(), d_.bars.end(), [is](const SequenceBar& bar) { return bar.is == is; })) return;
      svg_.tag("rect", {{"class", std::string(class_of(is))}, {"x", x}, {"y", y - 10}, {"width", 10}, {"height", 12}, {"rx", 2}});
      svg_.tag("text", {{"class", "dim"}, {"x", x + 16}, {"y", y}}, word);
      x += 16 + width_of(word) + 24;
    };
    entry(SequenceBar::Is::ringing, "rings");
    entry(SequenceBar::Is::in, "in the call");
    entry(SequenceBar::Is::in_grace, "link lost");
    if (d_.left_out > 0)
      svg_.tag("text", {{"class", "dim"}, {"x", x}, {"y", y}}, std::to_string(d_.left_out) + " more events are not drawn");
  }

  const SequenceDiagram& d_;
  std::vector<int> x_, y_;
  int width_ = 0, height_ = 0, bottom_ = 0;
  Svg svg_;
};

}  // namespace

std::string to_svg(const SequenceDiagram& diagram) { return Picture(diagram).draw(); }

}  // namespace zegocall
