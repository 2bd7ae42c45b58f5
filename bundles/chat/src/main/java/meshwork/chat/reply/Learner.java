package meshwork.chat.reply;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import meshwork.api.chat.ChatRejected;
import meshwork.api.chat.Conversation;
import meshwork.api.chat.Conversation.Tool;
import meshwork.api.chat.Message;
import meshwork.api.chat.Message.Part;
import meshwork.api.chat.Message.ToolCall;
import meshwork.chat.reply.Syntax.Calls;
import meshwork.chat.reply.Syntax.Piece;
import meshwork.chat.reply.Syntax.Style;

/**
 * Finds out how a model speaks: as its template shows what an assistant said, so the model was trained to say it. Renders small
 * conversations, and looks for what stands around what was said in them.
 */
final class Learner {

	private static final String QUESTION = "qu3stion";
	private static final String CONTENT = "c0ntent";
	private static final String THOUGHT = "th0ught";
	private static final String FIRST = "f1rst_tool";
	private static final String OTHER = "s3cond_tool";
	private static final String FIRST_ID = "f1rstca11";
	private static final String OTHER_ID = "s3condca1";
	private static final String KEY = "k3y";
	private static final String VALUE = "va1ue";
	/** Arguments of each type; what is written of them. */
	private static final Map<String, Object> TYPED = new LinkedHashMap<>();
	private static final Map<String, String> WRITTEN = Map.of("string", "va1ue", "integer", "31415", "boolean", "true", "object", "{", "array", "[");

	static {
		TYPED.put("string", VALUE);
		TYPED.put("integer", 31415);
		TYPED.put("boolean", true);
		TYPED.put("array", List.of(27182));
		TYPED.put("object", Map.of("d33p", 16180));
	}

	/** What ends a message is sometimes shown after calls alone, and looks like a part of them. */
	private static final Pattern END = Pattern.compile("<\\|(eom_id|call|calls|tool_response|eot|eom|return|end|im_end)\\|?>|<[|｜][^<>]*eos[^<>]*>");
	private static final List<Tool> TOOLS = Stream.of(FIRST, OTHER).map(Learner::tool).toList();

	private final BiFunction<Conversation, Boolean, String> template;
	private final String source;

	private Learner(BiFunction<Conversation, Boolean, String> template, String source) {
		this.template = template;
		this.source = source;
	}

	/**
	 * @param template renders a conversation, open or not
	 * @param source of the template, which tells of what it doesn't show
	 */
	static Syntax learn(BiFunction<Conversation, Boolean, String> template, String source) {
		return source.contains("<|channel|>") && source.contains("analysis") ? Harmony.SYNTAX : new Learner(template, source).syntax();
	}

	/** Keys come in the order of the alphabet, since some templates sort them. */
	private static String key(String type) {
		return KEY + (char) ('a' + List.of("string", "integer", "boolean", "array", "object").indexOf(type)) + type;
	}

	private static Tool tool(String name) {
		var properties = new LinkedHashMap<String, Object>();
		TYPED.forEach((type, _) -> properties.put(key(type), Map.of("type", type, "description", "?", "items", Map.of(), "additionalProperties", Map.of())));
		return new Tool(name, "?", Map.of("type", "object", "properties", properties, "required", List.of(key("string"))));
	}

	private static Map<String, Object> arguments(String... types) {
		var arguments = new LinkedHashMap<String, Object>();
		for (String type : types)
			arguments.put(key(type), TYPED.get(type));
		return arguments;
	}

	private static Message said(String content, Optional<String> thought, ToolCall... calls) {
		return new Message("assistant", content.isEmpty() ? List.of() : List.of(new Part.Text(content)), Optional.empty(), List.of(calls),
				Optional.empty(), thought);
	}

	/** What the template makes of a message: the end of the prompt after which it comes, and what it is. */
	private record Shown(String prompt, String common, String text) {

		/** Cuts within a tag are moved before it. */
		static Shown of(String open, String whole) {
			int cut = 0;
			while (cut < Math.min(open.length(), whole.length()) && open.charAt(cut) == whole.charAt(cut))
				cut++;
			int tag = whole.lastIndexOf('<', cut - 1);
			if (tag >= 0 && tag > whole.lastIndexOf('>', cut - 1) && cut - tag < 40)
				cut = tag;
			return new Shown(open, whole.substring(0, cut), whole.substring(cut));
		}

		/** A text that begins within the prompt, without what stands there. */
		String beyondPrompt(String begin) {
			for (int length = begin.length(); length > 0; length--)
				if (prompt.endsWith(begin.substring(0, length)))
					return begin.substring(length);
			return begin;
		}

		Optional<String> before(String needle) {
			int at = text.indexOf(needle);
			return at < 0 ? Optional.empty() : Optional.of(beyondPrompt(text.substring(0, at)));
		}

		Optional<String> after(String needle) {
			int at = text.lastIndexOf(needle);
			return at < 0 ? Optional.empty() : Optional.of(text.substring(at + needle.length()));
		}
	}

	private Optional<Shown> shown(Message message) {
		boolean calls = !message.toolCalls().isEmpty();
		var question = new Message("user", QUESTION);
		List<Tool> tools = calls ? TOOLS : List.of();
		try {
			return Optional.of(Shown.of(template.apply(new Conversation(List.of(question), tools, Map.of()), true),
					template.apply(new Conversation(List.of(question, message), tools, Map.of()), false)));
		} catch (ChatRejected refused) {
			return Optional.empty();
		}
	}

	private Syntax syntax() {
		Optional<Shown> plain = shown(said(CONTENT, Optional.empty()));
		Optional<Shown> one = shown(said("", Optional.empty(), call(FIRST, FIRST_ID, arguments("string", "integer")))).filter(shows(FIRST));
		Optional<Shown> thinking = shown(said(CONTENT, Optional.of(THOUGHT))).filter(shows(THOUGHT))
				.filter(it -> it.text().lastIndexOf(CONTENT) > it.text().indexOf(THOUGHT));

		// what ends a turn is the same whatever was said in it
		String afterContent = plain.flatMap(it -> it.after(CONTENT)).orElse("");
		String content = plain.flatMap(it -> it.before(CONTENT)).orElse("");
		String end = afterContent;
		Optional<String> thoughtEnd = thinking.map(it -> it.text().substring(it.text().indexOf(THOUGHT) + THOUGHT.length(),
				it.text().lastIndexOf(CONTENT)).strip())
				.map(it -> own(it, plain.map(Shown::prompt).orElse("").strip()));
		content = content.substring(thought(content, thoughtEnd.map(it -> firstTag(it))));
		String contentEnd = "";
		if (!content.isBlank() && one.isPresent()) {
			String common = commonEnd(afterContent, one.get().text());
			contentEnd = afterContent.substring(0, afterContent.length() - common.length()).strip();
			end = common;
			if (end.startsWith("<|sep|>")) {
				contentEnd += "<|sep|>";
				end = end.substring("<|sep|>".length());
			}
		}
		String framed = content;
		String turnEnd = end;
		String afterCalls = one.map(it -> commonEnd(afterContent, it.text())).orElse("");
		thoughtEnd = thoughtEnd.map(it -> it.endsWith(framed.strip()) ? it.substring(0, it.length() - framed.strip().length()).strip() : it);

		List<String> passed = Stream.of(thoughtEnd.orElse("</think>"), content.strip(), contentEnd).filter(it -> !it.isEmpty()).toList();
		Optional<Calls> shown = one.flatMap(it -> calls(it, passed, turnEnd, afterCalls));
		Calls calls = shown.orElseGet(() -> Families.calls(source));
		if (thinking.isEmpty() && shown.isPresent()) {
			thinking = shown(said("", Optional.of(THOUGHT), call(FIRST, FIRST_ID, arguments("string", "integer")))).filter(shows(THOUGHT));
			String open = calls.opens().getFirst().replace(Syntax.NAME, FIRST).strip();
			thoughtEnd = thinking.flatMap(it -> it.after(THOUGHT)).map(it -> it.indexOf(open)).filter(at -> at > 0).isEmpty() ? Optional.empty()
					: thinking.flatMap(it -> it.after(THOUGHT)).map(it -> it.substring(0, it.indexOf(open)).strip());
		}
		Optional<String> learned = thoughtEnd.filter(it -> !it.isEmpty());
		List<String> thoughtEnds = learned.map(List::of).orElseGet(() -> Families.thoughts(source).subList(1, 2));
		List<String> thoughts = learned.isPresent() ? List.of(thoughtBegin(thinking.orElseThrow(), learned.get()))
				: Families.thoughts(source).subList(0, 1);
		boolean thinks = learned.isPresent() || source.contains(thoughtEnds.getFirst());
		return new Syntax(thinks, thoughts, thoughtEnds, content.isBlank() ? List.of() : List.of(content),
				contentEnd.isEmpty() ? List.of() : List.of(contentEnd), noise(calls), end.strip(), calls);
	}

	/** What ends a thought may be followed by what begins the content: the part alone that looks like what began it at the end of the prompt. */
	private static String own(String end, String prompt) {
		for (int at = end.indexOf('>'); at >= 0; at = end.indexOf('>', at + 1)) {
			String begin = end.substring(0, at + 1).replace("close", "open");
			if (end.startsWith("<|close|>") && prompt.endsWith(begin))
				return end.substring(0, at + 1);
		}
		return end;
	}

	/** Where an empty thought ends, with which some templates show messages that had none. */
	private static int thought(String content, Optional<String> learned) {
		String end = learned.orElse("</think>");
		int at = end.isEmpty() ? -1 : content.lastIndexOf(end);
		return at < 0 ? 0 : at + end.length();
	}

	private static Predicate<Shown> shows(String needle) {
		return shown -> shown.text().contains(needle);
	}

	private static ToolCall call(String name, String id, Map<String, Object> arguments) {
		return new ToolCall(id, name, arguments);
	}

	/** What both end with, from the beginning of a tag on. */
	private static String commonEnd(String one, String other) {
		int length = 0;
		while (length < Math.min(one.length(), other.length()) && one.charAt(one.length() - 1 - length) == other.charAt(other.length() - 1 - length))
			length++;
		String end = one.substring(one.length() - length);
		int close = end.indexOf('>');
		int open = end.indexOf('<');
		return length < one.length() && close >= 0 && (open < 0 || close < open) ? end.substring(close + 1) : end;
	}

	private static String firstTag(String text) {
		int end = text.indexOf('>');
		return text.startsWith("<") && end > 0 && !text.startsWith("<|close|>") ? text.substring(0, end + 1) : text;
	}

	/** What begins a thought: shown, or at the end of the prompt, where it looks like what ends it. */
	private static String thoughtBegin(Shown shown, String end) {
		String before = shown.before(THOUGHT).orElse("").strip();
		String prompt = shown.prompt().strip();
		for (String like : List.of(end.replace("/", ""), end.replace("END", "START"), end.replace("close", "open"), end.replace("end", "begin")))
			if (!like.equals(end) && (before.endsWith(like) || prompt.contains(like)))
				return like;
		return before.isEmpty() ? lastLine(shown.common().strip().length() < prompt.length() && prompt.endsWith(end) ? shown.common().strip() : prompt) : before;
	}

	private static String lastLine(String text) {
		String line = text.substring(text.lastIndexOf('\n') + 1);
		int tag = line.lastIndexOf('<');
		return tag > 0 ? line.substring(tag) : line;
	}

	/** Where a header with the name of the tool stands before a call. */
	private static List<String> noise(Calls calls) {
		String open = calls.opens().getFirst();
		int name = open.indexOf(Syntax.NAME);
		return name < 0 ? List.of() : List.of(open.substring(0, name + 1));
	}

	/**
	 * @param passed what may stand before calls, and is no part of them
	 * @param ends what ends a turn
	 */
	private Optional<Calls> calls(Shown one, List<String> passed, String... ends) {
		Optional<String> both = shown(said("", Optional.empty(), call(FIRST, FIRST_ID, arguments("string", "integer")),
				call(OTHER, OTHER_ID, arguments("string", "integer")))).map(Shown::text).filter(it -> it.contains(FIRST) && it.contains(OTHER)
						&& it.indexOf(VALUE, it.lastIndexOf(OTHER)) > 0);
		Optional<Span> json = arguments(one.text());
		return json.isPresent() ? Optional.of(json(one, json.get(), both, passed, ends)) : parameters(one, both, passed, ends);
	}

	private record Span(int start, int end) {

		String of(String text) {
			return text.substring(start, end);
		}
	}

	/** The innermost JSON object that has the arguments. */
	private static Optional<Span> arguments(String text) {
		int value = text.lastIndexOf(VALUE);
		for (int start = text.lastIndexOf('{', value); start >= 0; start = text.lastIndexOf('{', start - 1)) {
			Optional<Span> object = object(text, start);
			if (object.filter(it -> it.end > value).isPresent())
				return object.filter(it -> Values.members(it.of(text)).filter(members -> members.containsKey(key("string"))).isPresent());
			if (start == 0)
				break;
		}
		return Optional.empty();
	}

	private static Optional<Span> object(String text, int start) {
		var json = new JsonStream(new StringBuilder());
		for (int i = start; i < text.length(); i++)
			switch (json.take(text.charAt(i))) {
				case LAST -> {
					return Optional.of(new Span(start, i + 1));
				}
				case PART -> {
				}
				default -> {
					return Optional.empty();
				}
			}
		return Optional.empty();
	}

	private Calls json(Shown one, Span arguments, Optional<String> both, List<String> passed, String... ends) {
		String text = one.text();
		for (int start = text.lastIndexOf('{', arguments.start - 1); start >= 0; start = start == 0 ? -1 : text.lastIndexOf('{', start - 1)) {
			Optional<Span> outer = object(text, start).filter(it -> it.end >= arguments.end);
			Optional<Piece> members = outer.flatMap(it -> members(it.of(text)));
			if (members.isPresent())
				return calls(one, outer.get(), List.of(members.get()), both, passed, ends);
		}
		int name = text.lastIndexOf(FIRST, arguments.start);
		String middle = text.substring(name + FIRST.length(), arguments.start);
		int start = name;
		var pieces = new ArrayList<Piece>();
		int id = text.lastIndexOf(FIRST_ID, name);
		if (id >= 0) {
			start = id;
			pieces.add(new Piece.Id());
			pieces.add(new Piece.Literal(text.substring(id + FIRST_ID.length(), name)));
		}
		pieces.add(new Piece.Name());
		pieces.addAll(counted(middle, both.map(it -> it.substring(it.lastIndexOf(OTHER) + OTHER.length()))));
		pieces.add(new Piece.Arguments());
		return calls(one, new Span(start, arguments.end), pieces, both, passed, ends);
	}

	/** What stands after a name: always the same, or with a count or the call's id in it. */
	private static List<Piece> counted(String middle, Optional<String> other) {
		int id = middle.indexOf(FIRST_ID);
		if (id >= 0)
			return List.of(new Piece.Literal(middle.substring(0, id)), new Piece.Id(), new Piece.Literal(middle.substring(id + FIRST_ID.length())));
		Matcher digit = Pattern.compile("[01]").matcher(middle);
		while (digit.find()) {
			int first = middle.charAt(digit.start()) - '0';
			String next = middle.substring(0, digit.start()) + (first + 1) + middle.substring(digit.end());
			if (other.filter(it -> it.startsWith(next)).isPresent())
				return List.of(new Piece.Literal(middle.substring(0, digit.start())), new Piece.Index(first), new Piece.Literal(middle.substring(
						digit.end())));
		}
		return List.of(new Piece.Literal(middle));
	}

	private static Optional<Piece> members(String object) {
		Optional<Map<String, String>> members = Values.members(object);
		String name = "";
		String arguments = "";
		String id = "";
		boolean counted = false;
		for (var member : members.orElse(Map.of()).entrySet())
			if (member.getValue().equals("\"" + FIRST + "\""))
				name = member.getKey();
			else if (member.getValue().startsWith("{") && member.getValue().contains(VALUE))
				arguments = member.getKey();
			else if (member.getValue().equals("\"" + FIRST_ID + "\"") || member.getValue().equals("\"0\"")) {
				id = member.getKey();
				counted = member.getValue().equals("\"0\"");
			}
		return name.isEmpty() || arguments.isEmpty() ? Optional.empty()
				: Optional.of(new Piece.Members(name, arguments, id, counted, members.orElseThrow().keySet().stream().filter(Set.of(name, arguments,
						id)::contains).toList()));
	}

	/** What stands around the pieces of a call. */
	private Calls calls(Shown one, Span call, List<Piece> pieces, Optional<String> both, List<String> passed, String... ends) {
		String text = one.text();
		String open = text.substring(0, call.start);
		for (String each : passed) {
			int at = open.lastIndexOf(each);
			open = at < 0 ? open : open.substring(at + each.length());
		}
		open = one.beyondPrompt(open);
		String after = text.substring(call.end);
		Optional<String> between = Optional.empty();
		if (both.isPresent()) {
			String two = both.get();
			int start = two.indexOf(text.substring(call.start, call.end)) + call.end - call.start;
			String second = text.substring(call.start, call.end).replace(FIRST_ID, OTHER_ID).replace(FIRST, OTHER);
			int next = two.indexOf(second);
			if (next < 0)
				next = nextCounted(two, second, start);
			if (next > start) {
				between = Optional.of(two.substring(start, next).replace(OTHER, Syntax.NAME));
				after = two.substring(next + second.length());
			}
		}
		for (String end : ends) {
			int at = end.isBlank() ? -1 : after.indexOf(end.strip());
			after = at < 0 ? after : after.substring(0, at);
		}
		Matcher end = END.matcher(after.stripTrailing());
		while (end.find())
			if (end.hitEnd() || end.end() == after.stripTrailing().length())
				after = after.substring(0, end.start());
		return new Calls(List.of(open.replace(FIRST, Syntax.NAME)), pieces, between, after, true);
	}

	/** Where the second call begins, if it differs from the first by a count too. */
	private static int nextCounted(String two, String second, int from) {
		for (int i = 0; i < second.length(); i++)
			if (second.charAt(i) == '0' || second.charAt(i) == '1') {
				String next = second.substring(0, i) + (char) (second.charAt(i) + 1) + second.substring(i + 1);
				if (two.indexOf(next, from) >= 0)
					return two.indexOf(next, from);
			}
		return -1;
	}

	private Optional<Calls> parameters(Shown one, Optional<String> both, List<String> passed, String... ends) {
		String text = one.text();
		String first = key("string");
		String next = key("integer");
		int key = text.indexOf(first);
		int value = text.indexOf(VALUE, key);
		int nextKey = text.indexOf(next, value);
		int number = text.indexOf("31415", nextKey);
		int name = text.lastIndexOf(FIRST, key);
		if (key < 0 || value < 0 || nextKey < 0 || number < 0 || name < 0)
			return Optional.empty();
		String before = text.substring(name + FIRST.length(), key);
		String afterKey = text.substring(key + first.length(), value);
		String rest = text.substring(number + "31415".length());
		Optional<String> none = shown(said("", Optional.empty(), call(FIRST, FIRST_ID, Map.of()))).map(Shown::text)
				.filter(it -> it.contains(FIRST)).map(it -> it.substring(it.lastIndexOf(FIRST) + FIRST.length()));
		String head = before.substring(0, Math.max(0, before.lastIndexOf('<')));
		String tail = "";
		if (none.isPresent()) {
			int same = 0;
			while (same < Math.min(before.length(), none.get().length()) && before.charAt(same) == none.get().charAt(same))
				same++;
			int tag = before.lastIndexOf('<', same - 1);
			head = before.substring(0, tag >= 0 && tag > before.lastIndexOf('>', same - 1) ? tag : same);
			tail = none.get().substring(head.length());
		}
		String after = rest;
		if (!tail.isEmpty() && rest.endsWith(tail))
			after = rest.substring(0, rest.length() - tail.length());
		Style style = style(afterKey, text.substring(value + VALUE.length(), nextKey));
		String between = text.substring(value + VALUE.length(), nextKey);
		Map<String, String> middles = new HashMap<>();
		if (style == Style.PYTHON || style == Style.QUOTED) {
			String quote = style == Style.QUOTED ? "<|\"|>" : afterKey.substring(afterKey.length() - 1);
			afterKey = afterKey.substring(0, afterKey.length() - quote.length());
			between = between.substring(quote.length());
		} else {
			if (between.contains(first)) {
				style = Style.NESTED;
				String mark = between.substring(0, between.indexOf("</"));
				head = head.endsWith(mark) ? head.substring(0, head.length() - mark.length()) : head;
				after = after.substring(0, after.indexOf(next) + next.length() + 1);
			} else {
				middles.putAll(middles());
			}
		}
		int end = number + "31415".length() + after.length();
		middles.put("string", afterKey);
		var pieces = new ArrayList<Piece>();
		pieces.add(new Piece.Name());
		pieces.addAll(counted(head, both.map(it -> it.substring(it.lastIndexOf(OTHER) + OTHER.length()))));
		pieces.add(new Piece.Parameters(before.substring(head.length()), Map.copyOf(middles), between.replace(first, Syntax.NAME), after.replace(next,
				Syntax.NAME), style));
		return Optional.of(calls(one, new Span(name, end), pieces, both, passed, ends));
	}

	private Style style(String afterKey, String afterValue) {
		if (afterKey.endsWith("<|\"|>"))
			return Style.QUOTED;
		String quote = afterKey.isEmpty() ? "" : afterKey.substring(afterKey.length() - 1);
		return (quote.equals("'") || quote.equals("\"")) && afterValue.startsWith(quote) && afterKey.contains("=") ? Style.PYTHON
				: source.contains(Syntax.VERBATIM) ? Style.VERBATIM : Style.BARE;
	}

	/** What stands between key and value, by type. */
	private Map<String, String> middles() {
		var middles = new HashMap<String, String>();
		Optional<String> all = shown(said("", Optional.empty(), call(FIRST, FIRST_ID, arguments(TYPED.keySet().toArray(String[]::new)))))
				.map(Shown::text);
		TYPED.keySet().forEach(type -> all.ifPresent(text -> {
			int key = text.indexOf(key(type));
			int start = key + key(type).length();
			int value = key < 0 ? -1 : text.indexOf(WRITTEN.get(type), start);
			if (value >= 0)
				middles.put(type, text.substring(start, value));
		}));
		return middles;
	}
}
