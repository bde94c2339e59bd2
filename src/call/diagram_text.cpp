// A sequence diagram in a terminal: one line per row, one column per lifeline.
#include <algorithm>

#include "zegocall/base/text.hpp"
#include "zegocall/call/diagram.hpp"

namespace zegocall {
namespace {

constexpr std::size_t time_width = 11, margin = 3, gap_least = 8;

std::string label_of(const Lifeline& line) {
  if (line.user.empty()) return "call";
  std::string out = line.user.str();
  if (!line.device.empty()) out += "/" + line.device.str();
  return shortened(printable(out), 32);
}

std::string time_words(std::chrono::milliseconds after) {
  const std::string fraction = std::to_string(1000 + after.count() % 1000).substr(1);
  const std::string text = std::to_string(after.count() / 1000) + "." + fraction + " s";
  return std::string(time_width - std::min(time_width, text.size()), ' ') + text;
}

/// A line of code points that can be written over.
class Line {
 public:
  void put(std::size_t column, std::string_view text) {
    while (!text.empty()) {
      std::size_t size = 1;
      while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) ++size;
      if (cells_.size() <= column) cells_.resize(column + 1, " ");
      cells_[column++] = text.substr(0, size);
      text.remove_prefix(size);
    }
  }
  std::string text() const {
    std::string out;
    for (const std::string& cell : cells_) out += cell;
    out.erase(out.find_last_not_of(' ') + 1);
    return out + "\n";
  }

 private:
  std::vector<std::string> cells_;
};

class Layout {
 public:
  explicit Layout(const SequenceDiagram& diagram) : d_(diagram), x_(diagram.lifelines.size()) {
    place();
    for (const SequenceBar& bar : d_.bars)
      by_line_.resize(std::max(by_line_.size(), bar.lifeline + 1)), by_line_[bar.lifeline].push_back(&bar);
  }

  std::string heads() const {
    Line out;
    for (std::size_t i = 0; i < x_.size(); ++i) {
      const std::string label = label_of(d_.lifelines[i]);
      out.put(x_[i] - std::min(x_[i], columns(label) / 2), label);
    }
    return out.text();
  }

  std::string row(std::size_t number) const {
    const SequenceStep& step = d_.steps[number];
    Line out;
    out.put(0, time_words(step.after));
    for (std::size_t i = 0; i < x_.size(); ++i) out.put(x_[i], mark(i, number));
    switch (step.kind) {
      case SequenceStep::Kind::arrow: arrow(out, step, '-'); break;
      case SequenceStep::Kind::lost: arrow(out, step, '~'); break;
      case SequenceStep::Kind::remark: out.put(x_[step.from] + 2, "[" + step.text + "]"); break;
      case SequenceStep::Kind::banner: banner(out, step.text); break;
    }
    return out.text();
  }

 private:
  /// Lifelines stand as near as their labels and what is said between them allow; the nearest pairs are seen to first.
  void place() {
    std::vector<std::size_t> gaps(x_.size(), gap_least);  // gaps[i]: in front of lifeline i
    const auto half = [&](std::size_t i) { return columns(label_of(d_.lifelines[i])) / 2; };
    gaps[0] = time_width + margin + half(0);
    for (std::size_t i = 1; i < x_.size(); ++i) gaps[i] = std::max(gaps[i], half(i - 1) + half(i) + margin);
    for (std::size_t reach = 1; reach < x_.size(); ++reach)
      for (const SequenceStep& step : d_.steps) {
        const bool remark = step.kind == SequenceStep::Kind::remark;
        if (step.kind == SequenceStep::Kind::banner || (remark && (reach > 1 || step.from + 1 == x_.size()))) continue;
        const std::size_t first = std::min(step.from, step.to), last = remark ? first + 1 : std::max(step.from, step.to);
        if (last - first != reach) continue;
        std::size_t have = 0;
        for (std::size_t i = first + 1; i <= last; ++i) have += gaps[i];
        const std::size_t need = columns(step.text) + (remark ? 6 : 8);
        if (have < need) gaps[last] += need - have;
      }
    std::size_t at = 0;
    for (std::size_t i = 0; i < x_.size(); ++i) x_[i] = at += gaps[i];
  }

  /// What the lifeline does in this row.
  std::string_view mark(std::size_t line, std::size_t row) const {
    if (line >= by_line_.size()) return "|";
    for (auto bar = by_line_[line].rbegin(); bar != by_line_[line].rend(); ++bar)
      if ((*bar)->first <= row && row <= (*bar)->last) switch ((*bar)->is) {
          case SequenceBar::Is::ringing: return "!";
          case SequenceBar::Is::in: return "#";
          case SequenceBar::Is::in_grace: return "?";
        }
    return "|";
  }

  void arrow(Line& out, const SequenceStep& step, char dash) const {
    const bool right = step.from < step.to;
    const std::size_t first = x_[std::min(step.from, step.to)] + 1, last = x_[std::max(step.from, step.to)] - 1;
    out.put(first, std::string(last - first + 1, dash));
    const std::string head(1, dash == '~' ? 'x' : right ? '>' : '<');
    out.put(right ? last : first, head);
    const std::size_t size = columns(step.text) + 2;
    out.put(first + (last - first + 1 - std::min(size, last - first + 1)) / 2, " " + step.text + " ");
  }
  void banner(Line& out, const std::string& text) const {
    const std::size_t width = std::max(x_.back() - x_.front() + 1, columns(text) + 6);
    out.put(x_.front(), std::string(width, '='));
    out.put(x_.front() + (width - columns(text) - 2) / 2, " " + text + " ");
  }

  const SequenceDiagram& d_;
  std::vector<std::size_t> x_;
  std::vector<std::vector<const SequenceBar*>> by_line_;
};

}  // namespace

std::string to_text(const SequenceDiagram& diagram) {
  const Layout layout(diagram);
  std::string out = diagram.title + "   " + iso8601(diagram.start) + "\n\n" + layout.heads();
  for (std::size_t i = 0; i < diagram.steps.size(); ++i) out += layout.row(i);
  if (diagram.left_out > 0) out += "... and " + std::to_string(diagram.left_out) + " more events\n";
  if (!diagram.bars.empty()) out += "\n! rings   # in the call   ? link lost\n";
  return out;
}

}  // namespace zegocall
