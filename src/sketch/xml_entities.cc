#include "sketch/xml_entities.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "sketch/drawing_limits.h"

namespace limner {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool starts(std::string_view text, size_t at, std::string_view with) {
  return text.substr(at, with.size()) == with;
}

// The name at `at` of "&name;", empty when it is no reference or a number's.
std::string_view reference_at(std::string_view text, size_t at) {
  constexpr size_t kLongestName = 200;
  const std::string_view ahead = text.substr(at + 1, kLongestName);
  const size_t end = ahead.find_first_of("; &<>\"'#\n");
  if (end == ahead.npos || ahead[end] != ';') return {};
  return ahead.substr(0, end);
}

class Entities {
 public:
  // Reads what stands between [ and ] of the DOCTYPE from `at`; returns the
  // place after it.
  size_t read(std::string_view text, size_t at) {
    while (at < text.size() && text[at] != ']') {
      if (starts(text, at, "<!--")) {
        at = after(text, at, "-->");
      } else if (starts(text, at, "<!ENTITY")) {
        at = read_entity(text, at + 8);
      } else if (text[at] == '"' || text[at] == '\'') {
        at = after(text, at + 1, text.substr(at, 1));
      } else {
        ++at;
      }
    }
    return at;
  }

  bool empty() const { return texts_.empty(); }

  // The whole text of an entity, null when it is not known or too long.
  const std::string* find(std::string_view name, int depth = 0) {
    const auto found = texts_.find(name);
    if (found == texts_.end() || depth > kMaxEntityDepth) return nullptr;
    Entity& entity = found->second;
    if (entity.state == Entity::kRaw) {
      entity.state = Entity::kRefused;  // also while it is being expanded
      if (auto text = expanded(entity.raw, depth)) {
        entity.text = std::move(*text);
        entity.state = Entity::kDone;
      }
    }
    return entity.state == Entity::kDone ? &entity.text : nullptr;
  }

 private:
  struct Entity {
    enum State { kRaw, kDone, kRefused };
    std::string_view raw;
    std::string text;
    State state = kRaw;
  };

  static size_t after(std::string_view text, size_t at, std::string_view mark) {
    const size_t found = text.find(mark, at);
    return found == text.npos ? text.size() : found + mark.size();
  }

  size_t read_entity(std::string_view text, size_t at) {
    const auto skip = [&] {
      while (at < text.size() && is_blank(text[at])) ++at;
    };
    skip();
    const size_t from = at;
    while (at < text.size() && !is_blank(text[at]) && text[at] != '>') ++at;
    const std::string_view name = text.substr(from, at - from);
    skip();
    const char quote = at < text.size() ? text[at] : '\0';
    // What has SYSTEM or PUBLIC here is in another file; "%" is for the DTD.
    if (quote != '"' && quote != '\'') return at;
    const size_t end = std::min(text.find(quote, at + 1), text.size());
    // The first one counts.
    texts_.emplace(name, Entity{text.substr(at + 1, end - at - 1), {}, {}});
    return std::min(end + 1, text.size());
  }

  std::optional<std::string> expanded(std::string_view raw, int depth) {
    std::string out;
    for (size_t at = 0; at < raw.size();) {
      if (out.size() > kMaxEntity) return {};
      if (raw[at] == '&') {
        const std::string_view name = reference_at(raw, at);
        if (texts_.count(name) > 0) {
          const std::string* inner = find(name, depth + 1);
          if (inner == nullptr) return {};
          out += *inner;
          at += name.size() + 2;
          continue;
        }
      }
      // Lines keep their numbers.
      out += raw[at] == '\n' || raw[at] == '\r' ? ' ' : raw[at];
      ++at;
    }
    if (out.size() > kMaxEntity) return {};
    return out;
  }

  std::unordered_map<std::string_view, Entity> texts_;
};

// In an attribute's value these would end it.
void append_quoted(std::string& out, const std::string& text) {
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&apos;";
        break;
      case '<':
        out += "&lt;";
        break;
      default:
        out += c;
    }
  }
}

// The end of a comment, CDATA section or instruction at `at`; 0 for others.
size_t end_of_unread(std::string_view text, size_t at) {
  const auto until = [&](std::string_view mark) {
    const size_t end = text.find(mark, at);
    return end == text.npos ? text.size() : end + mark.size();
  };
  if (starts(text, at, "<!--")) return until("-->");
  if (starts(text, at, "<![CDATA[")) return until("]]>");
  if (starts(text, at, "<?")) return until("?>");
  return 0;
}

}  // namespace

std::string expand_entities(std::string_view text) {
  const size_t doctype = text.find("<!DOCTYPE");
  if (doctype == text.npos) return {};
  const size_t open = text.find_first_of("[>", doctype);
  if (open == text.npos || text[open] != '[') return {};
  Entities entities;
  size_t at = entities.read(text, open + 1);
  if (entities.empty()) return {};
  std::string out(text.substr(0, at));
  bool in_tag = false;
  char quote = '\0';  // of the value that is being read
  while (at < text.size()) {
    const char c = text[at];
    if (c == '<' && !in_tag) {
      if (const size_t end = end_of_unread(text, at)) {
        out += text.substr(at, end - at);
        at = end;
        continue;
      }
      in_tag = true;
    } else if (in_tag && quote == '\0') {
      if (c == '"' || c == '\'') quote = c;
      if (c == '>') in_tag = false;
    } else if (in_tag && c == quote) {
      quote = '\0';
    }
    if (c == '&') {
      const std::string_view name = reference_at(text, at);
      if (const std::string* value = entities.find(name)) {
        in_tag ? append_quoted(out, *value) : void(out += *value);
        at += name.size() + 2;
        if (out.size() > kMaxDrawingFile) {
          fail_limit("is more than {} bytes long with its entities",
                     kMaxDrawingFile);
        }
        continue;
      }
    }
    out += c;
    ++at;
  }
  return out;
}

}  // namespace limner
