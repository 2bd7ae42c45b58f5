package meshwork.chat.reply;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import meshwork.api.chat.ChatRejected;
import meshwork.api.chat.ReplyFormat.Constraint;
import meshwork.api.chat.ReplyRules;
import meshwork.chat.reply.Syntax.Piece;
import meshwork.chat.reply.Syntax.Style;
import meshwork.chat.schema.Rules;

/** Writes the grammar that holds a reply to its rules. */
final class ReplyGrammar {

	private static final String SPACE = "[ \\t\\n]{0,8}";
	private static final String EITHER = "\"True\" | \"False\" | \"true\" | \"false\"";
	private static final String PYTHON_STRING = "\"'\" ([ !-&\\x28-\\[\\]-\\uD7FF\\uE000-\\U0010FFFF] | \"\\\\\" [\\\\'\"nrt])* \"'\"";
	private static final String GAP = "(\" \" | \"\\n\" [ \\t]{0,20})?";

	private final Syntax syntax;
	private final Map<String, Map<String, Object>> tools;
	private final boolean thinking;
	private final Rules rules = new Rules();

	/**
	 * @param tools that may be called, with their parameters
	 * @param thinking the prompt has begun a thought
	 */
	ReplyGrammar(Syntax syntax, Map<String, Map<String, Object>> tools, boolean thinking) {
		this.syntax = syntax;
		this.tools = tools;
		this.thinking = thinking;
	}

	/** @throws ChatRejected when the rules can't be kept */
	Optional<Constraint> constraint(ReplyRules asked) {
		boolean must = asked.tools().must();
		if (must && tools.isEmpty())
			throw new ChatRejected("a tool has to be called, and there is none" + asked.tools().only().stream().map(" of the name '%s'"::formatted)
					.collect(Collectors.joining()));
		if (tools.isEmpty() && asked.form().isEmpty())
			return Optional.empty();
		if (!must && asked.form().isEmpty()) {
			List<String> triggers = triggers();
			return Optional.of(new Constraint(rules.grammar(calls(asked.parallel(), false)), triggers));
		}
		List<String> ways = new ArrayList<>();
		if (!tools.isEmpty())
			ways.add((nothing() + " " + calls(asked.parallel(), must)).strip());
		if (!must)
			ways.add((literal(syntax.contents()) + " form " + literal(syntax.contentEnds())).strip());
		String root = (thought() + " (" + String.join(" | ", ways) + ")").strip();
		return Optional.of(new Constraint(rules.grammar(root) + (must ? "" : form(asked.form().orElseThrow())), List.of()));
	}

	private static String literal(List<String> texts) {
		return texts.isEmpty() ? "" : Rules.literal(texts.getFirst());
	}

	/** Content between its marks, of which some templates show an empty one in front of calls. */
	private String nothing() {
		return syntax.contentEnds().isEmpty() || syntax.contents().size() != 1 ? ""
				: "(" + literal(syntax.contents()) + " " + literal(syntax.contentEnds()) + " " + SPACE + ")?";
	}

	/** A grammar whose root is called form, and whose other rules are told from those of this one. */
	private static String form(String grammar) {
		var renamed = new StringBuilder();
		char quote = 0;
		for (int i = 0; i < grammar.length(); i++) {
			char c = grammar.charAt(i);
			if (quote != 0) {
				renamed.append(c);
				if (c == '\\' && quote != '\n' && i + 1 < grammar.length())
					renamed.append(grammar.charAt(++i));
				else if (c == quote)
					quote = 0;
			} else if (Character.isLetter(c)) {
				int end = i;
				while (end < grammar.length() && (Character.isLetterOrDigit(grammar.charAt(end)) || grammar.charAt(end) == '-' || grammar.charAt(end) == '_'))
					end++;
				String name = grammar.substring(i, end);
				renamed.append(name.equals("root") ? "form" : "form-" + name);
				i = end - 1;
			} else if (c == '{') {
				int end = Math.max(i, grammar.indexOf('}', i));
				renamed.append(grammar, i, end + 1);
				i = end;
			} else {
				renamed.append(c);
				quote = c == '"' ? c : c == '[' ? ']' : c == '#' ? '\n' : 0;
			}
		}
		return renamed.append('\n').toString();
	}

	/** A thought, if the model has any, and the white space after it. */
	private String thought() {
		String end = syntax.thoughtEnds().getFirst();
		String rest = rules.without(end.strip()) + " " + Rules.literal(end.strip()) + " " + SPACE + syntax.noise().stream()
				.filter(it -> !it.contains(Syntax.NAME)).map(it -> " (" + Rules.literal(it) + " " + SPACE + ")?").collect(Collectors.joining());
		if (thinking)
			return rest;
		// some say that there is no thought by ending it
		return syntax.thinks() ? "(" + SPACE + " (" + Rules.literal(syntax.thoughts().getFirst().strip()) + " " + rest + " | "
				+ Rules.literal(end.strip()) + " " + SPACE + "))?" : "";
	}

	/** All that sets the calls off. */
	private List<String> triggers() {
		// what is said in a thought sets nothing off
		String before = thinking ? "^[\\s\\S]*?" + quoted(syntax.thoughtEnds().getFirst().strip()) + "[\\s\\S]*?"
				: "^(?!\\s*" + quoted(syntax.thoughts().getFirst().strip()) + ")[\\s\\S]*?";
		String after = "^\\s*" + quoted(syntax.thoughts().getFirst().strip()) + "[\\s\\S]*?" + quoted(syntax.thoughtEnds().getFirst().strip())
				+ "[\\s\\S]*?";
		Syntax.Calls calls = syntax.calls();
		if (calls.opens().getFirst().isBlank() && calls.between().filter(it -> !it.isBlank() && !it.strip().equals(",")).isPresent())
			return tools.keySet().stream().map(name -> "^(?:[\\s\\S]*?" + quoted(calls.between().get().strip()) + ")?\\s*(" + quoted(name)
					+ "\\s[\\s\\S]*)$").toList();
		if (calls.opens().getFirst().isBlank())
			return calls.pieces().getFirst() instanceof Piece.Members members
					? List.of("^\\s*(\\{\\s*\"" + quoted(members.name()) + "\"[\\s\\S]*)$")
					: tools.keySet().stream().map(name -> "^\\s*(" + quoted(name) + "\\s[\\s\\S]*)$").toList();
		List<String> starts = calls.opens().stream().flatMap(open -> open.contains(Syntax.NAME)
				? tools.keySet().stream().map(name -> open.replace(Syntax.NAME, name)) : Stream.of(open)).map(open -> first(open.strip())).distinct().toList();
		return starts.stream().flatMap(start -> (thinking ? Stream.of(before) : Stream.of(before, after))
				.map(each -> each + "(" + quoted(start) + "[\\s\\S]*)$")).toList();
	}

	/** The first tag is enough, where nothing else begins with it. */
	private String first(String open) {
		int end = open.indexOf('>') + 1;
		if (!open.startsWith("<") || end == 0)
			return open;
		String tag = open.substring(0, end);
		boolean told = Stream.of(syntax.thoughts(), syntax.thoughtEnds(), syntax.contents(), syntax.contentEnds(), List.of(syntax.end()))
				.flatMap(List::stream).noneMatch(text -> text.contains(tag));
		return told ? tag : open;
	}

	private static String quoted(String text) {
		return text.replaceAll("[\\\\^$.|?*+()\\[\\]{}]", "\\\\$0");
	}

	private String calls(boolean parallel, boolean must) {
		Syntax.Calls form = syntax.calls();
		Map<String, String> calls = tools.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, tool -> call(tool.getKey(), tool.getValue(),
				must), (one, _) -> one, LinkedHashMap::new));
		String any = rules.add("call", calls.entrySet().stream().map(call -> named(open(form.opens().getFirst()), call)).collect(Collectors.joining(
				" | ")));
		if (form.opens().size() > 1)
			any = rules.add("call", form.opens().stream().flatMap(open -> calls.entrySet().stream().map(call -> named(open.strip(), call)))
					.collect(Collectors.joining(" | ")));
		String more = parallel && form.between().isPresent() ? " " + rules.add("next", calls.entrySet().stream().map(call -> named(form.between()
				.orElseThrow(), call)).collect(Collectors.joining(" | "))) + "*" : "";
		boolean told = form.close().isBlank() || form.close().startsWith("<|call|>");
		return any + more + (told ? "" : " " + Rules.literal(form.close().stripTrailing()));
	}

	private static String open(String open) {
		return open.stripLeading();
	}

	private static String named(String begin, Map.Entry<String, String> call) {
		return (begin.isEmpty() ? "" : Rules.literal(begin.replace(Syntax.NAME, call.getKey())) + " ") + call.getValue();
	}

	private String call(String name, Map<String, Object> schema, boolean must) {
		String call = syntax.calls().pieces().stream().map(piece -> switch (piece) {
			case Piece.Literal(var text) -> text.isEmpty() ? "" : Rules.literal(text);
			case Piece.Until(var text, var usual) -> "(" + Rules.literal(usual) + " | \" json\" | \"<|channel|>commentary\" (" + Rules.literal(usual)
					+ " | \" json\")?)? " + Rules.literal(text);
			case Piece.Name _ -> Rules.literal(name);
			case Piece.Id _ -> "[A-Za-z0-9]{9}";
			case Piece.Index _ -> "[0-9]{1,3}";
			case Piece.Arguments _ -> arguments(name, schema, must);
			case Piece.Members members -> members(members, name, arguments(name, schema, must));
			case Piece.Parameters parameters -> parameters(parameters, name, schema, must);
		}).filter(it -> !it.isEmpty()).collect(Collectors.joining(" "));
		return rules.add("call-" + name, call);
	}

	private String arguments(String name, Map<String, Object> schema, boolean must) {
		return json(name, schema.isEmpty() ? Map.of("type", "object") : schema, Map.of("type", "object"), must);
	}

	/** Values of a schema; of a looser one where it can't be expressed and nothing depends on it. */
	private String json(String name, Map<String, ?> schema, Map<String, ?> looser, boolean must) {
		try {
			return rules.json(schema);
		} catch (ChatRejected refused) {
			if (must)
				throw new ChatRejected("the tool '%s' can't be called for sure: %s".formatted(name, refused.getMessage()), refused);
			return rules.json(looser);
		}
	}

	private String members(Piece.Members form, String name, String arguments) {
		return form.order().stream().map(key -> Rules.literal("\"" + key + "\":") + " " + GAP + " " + (key.equals(form.name())
				? Rules.literal(Values.quoted(name)) : key.equals(form.arguments()) ? arguments
				: form.counted() ? "\"\\\"\" [0-9]{1,3} \"\\\"\"" : "\"\\\"\" [A-Za-z0-9]{9} \"\\\"\"")).collect(Collectors.joining(" \",\" " + GAP + " ",
						"\"{\" " + GAP + " ", " " + GAP + " \"}\""));
	}

	private String parameters(Piece.Parameters form, String name, Map<String, Object> schema, boolean must) {
		if (form.style() == Style.NESTED)
			return elements(form, name, schema, must);
		Map<?, ?> properties = schema.get("properties") instanceof Map<?, ?> map ? map : Map.of();
		List<?> required = schema.get("required") instanceof List<?> list ? list : List.of();
		String rest = form.after().isEmpty() ? "\"\"" : Rules.literal(form.after());
		String end = rest;
		String start = "\"\"";
		List<?> keys = List.copyOf(properties.keySet());
		// for each property what may follow it, from the last on
		for (int i = keys.size() - 1; i >= 0; i--) {
			String key = keys.get(i).toString();
			String value = parameter(form, name, key, properties.get(key), must);
			String here = rules.add(name + "-" + key, value + " " + end);
			String begin = form.before().isEmpty() ? here : Rules.literal(form.before()) + " " + here;
			boolean needed = required.contains(key);
			start = needed ? rules.add(name + "-first", begin) : rules.add(name + "-first", begin + " | " + start);
			String next = Rules.literal(form.between()) + " " + here;
			end = rules.add(name + "-next", needed ? next : next + " | " + end);
		}
		return start;
	}

	@SuppressWarnings("unchecked")
	private String parameter(Piece.Parameters form, String name, String key, Object schema, boolean must) {
		Map<String, Object> own = schema instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
		Object type = own.getOrDefault("type", "");
		boolean text = type.equals("string");
		String kind = type.equals("number") ? "integer" : type instanceof String each ? each : "";
		String middle = form.middles().getOrDefault(kind, form.middles().get(text || Set.copyOf(form.middles().values()).size() == 1 ? "string"
				: form.middles().containsKey("object") ? "object" : "string"));
		String value = switch (form.style()) {
			case NESTED -> nested(form, name, own, must);
			case BARE, VERBATIM -> kind.equals("boolean") && !form.middles().containsKey(kind) ? EITHER : text
					? bare(own, form.after().strip(), form.style()) : json(name, own, Map.of(), must);
			case PYTHON -> text && !own.containsKey("enum") ? rules.add("python", PYTHON_STRING + " | " + rules.json(Map.of("type", "string")))
					: kind.equals("boolean") ? EITHER : json(name, own, Map.of(), must);
			case QUOTED -> text ? Rules.literal("<|\"|>") + " (" + bare(own, "<|\"|>", form.style()) + ") " + Rules.literal("<|\"|>")
					: Set.of("object", "array", "").contains(kind) ? quoted() : json(name, own, Map.of(), must);
		};
		return Rules.literal(key + middle) + " " + (value.contains(" | ") ? "(" + value + ")" : value);
	}

	/** An element for each property. */
	private String elements(Piece.Parameters form, String name, Map<String, Object> schema, boolean must) {
		Map<?, ?> properties = schema.get("properties") instanceof Map<?, ?> map ? map : Map.of();
		List<?> required = schema.get("required") instanceof List<?> list ? list : List.of();
		return properties.isEmpty() ? "\"\"" : properties.entrySet().stream().map(property -> {
			String key = property.getKey().toString();
			String value = parameter(form, name, key, property.getValue(), must);
			return rules.add(name + "-" + key, element(form, key, value)) + (required.contains(key) ? "" : "?");
		}).collect(Collectors.joining(" "));
	}

	private static String element(Piece.Parameters form, String key, String value) {
		return Rules.literal(form.before()) + " " + value + " " + Rules.literal(form.after().replace(Syntax.NAME, key));
	}

	private String nested(Piece.Parameters form, String name, Map<String, Object> schema, boolean must) {
		Object type = schema.getOrDefault("type", "");
		if (type.equals("string"))
			return bare(schema, form.before(), form.style());
		if (type.equals("object") && schema.get("properties") instanceof Map<?, ?> properties && !properties.isEmpty())
			return elements(form, name, schema, must);
		if (type.equals("array") && schema.get("items") instanceof Map<?, ?> items && !items.isEmpty())
			return rules.add(name + "-items", "(" + element(form, Elements.ITEM, parameter(form, name, Elements.ITEM, items, must)) + ")*");
		if (Set.of("integer", "number", "boolean", "null").contains(type))
			return json(name, schema, Map.of(), must);
		String any = rules.reserve("any");
		String key = "[A-Za-z0-9_.\\x2D]{1,60} \">\"";
		String close = form.after().substring(0, form.after().indexOf(Syntax.NAME));
		rules.define(any, rules.without(form.before()) + " | (" + Rules.literal(form.before()) + " " + key + " " + any + " " + Rules.literal(close) + " " + key
				+ ")+");
		return any;
	}

	/** A string as it is. */
	private String bare(Map<String, Object> schema, String after, Style style) {
		if (schema.get("enum") instanceof List<?> values)
			return values.stream().map(String::valueOf).map(Rules::literal).collect(Collectors.joining(" | "));
		String verbatim = style == Style.VERBATIM ? Rules.literal(Syntax.VERBATIM) + " " + rules.without(Syntax.VERBATIM_END) + " "
				+ Rules.literal(Syntax.VERBATIM_END) + " | " : "";
		return verbatim + rules.without(after);
	}

	/** Any value with strings between {@code <|"|>}. */
	private String quoted() {
		String value = rules.reserve("quoted");
		String quote = Rules.literal("<|\"|>");
		String key = "[A-Za-z0-9_\\x2D]{1,60} \":\" " + value;
		rules.define(value, quote + " " + rules.without("<|\"|>") + " " + quote + " | " + rules.json(Map.of("type", "number"))
				+ " | \"true\" | \"false\" | \"null\" | \"{\" (" + key + " (\",\" " + key + ")*)? \"}\" | \"[\" (" + value + " (\",\" " + value + ")*)? \"]\"");
		return value;
	}
}
