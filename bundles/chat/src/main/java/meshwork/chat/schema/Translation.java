package meshwork.chat.schema;

import java.math.BigDecimal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import meshwork.api.chat.ChatRejected;
import meshwork.chat.schema.Numerals.Bound;
import meshwork.chat.schema.Pattern.Part;

/**
 * One schema on its way to a grammar. What the grammar allows is valid. It allows less where that costs nobody anything: properties come in the
 * order of the schema, and beyond them only come others if {@code additionalProperties} says so; numbers have as many digits as a
 * double keeps; white space stands after punctuation alone, and ends. {@code oneOf} is taken for {@code anyOf}: that no
 * second one matches is for the schema's author to see to.
 */
final class Translation {

	/** A character of a JSON string; escaped surrogates come in pairs, so that it is one code point always. */
	static final String CHARACTER = "[ !#-\\[\\]-\\uD7FF\\uE000-\\U0010FFFF] | \"\\\\\" ([\"\\\\/bfnrt] | \"u\" ([0-9A-CE-Fa-ce-f] [0-9A-Fa-f]{3} "
			+ "| [Dd] [0-7] [0-9A-Fa-f]{2} | [Dd] [89ABab] [0-9A-Fa-f]{2} \"\\\\u\" [Dd] [C-Fc-f] [0-9A-Fa-f]{2}))";

	private static final String PLAIN = "[ !#-\\[\\]-\\uD7FF\\uE000-\\U0010FFFF]";

	/** What is not on this list says nothing of a value. */
	private static final Set<String> CONSTRAINTS = Set.of("$ref", "type", "enum", "const", "allOf", "anyOf", "properties", "required",
			"additionalProperties", "items", "prefixItems", "minItems", "maxItems", "minLength", "maxLength", "pattern", "format", "minimum", "maximum",
			"exclusiveMinimum", "exclusiveMaximum", "minProperties", "maxProperties", "oneOf");

	private static final Set<String> IMPOSSIBLE = Set.of("not", "if", "then", "else", "patternProperties", "propertyNames", "dependentRequired",
			"dependentSchemas", "dependencies", "contains", "minContains", "maxContains", "uniqueItems", "multipleOf", "unevaluatedItems",
			"unevaluatedProperties", "additionalItems", "$dynamicRef", "$recursiveRef", "minProperties", "maxProperties");

	/** Values of those keywords that say nothing. */
	private static final Map<String, Object> HARMLESS = Map.of("uniqueItems", false, "patternProperties", Map.of(), "unevaluatedProperties", true,
			"unevaluatedItems", true, "minProperties", 0, "dependentRequired", Map.of());

	private static final int SHORT = 60;
	private static final int DEEPEST = 64;
	private static final int MOST_STEPS = 20_000;
	private static final int MOST_CHARACTERS = 1 << 20;
	private static final int KEY_LENGTH = 40;
	private static final int LONGEST_NAME = 500;
	private static final BigDecimal FAR = BigDecimal.TEN.pow(20);

	private final Schema root;
	private final Rules rules;
	private final Map<String, String> references = new HashMap<>();
	/** References that are being followed, and how deep that began. */
	private final Map<String, Integer> open = new HashMap<>();
	/** How many objects and arrays are around what is looked at. */
	private int containers;
	private int depth;
	private int steps;

	/** @param rules where those go that the schema takes */
	Translation(Map<String, ?> schema, Rules rules) {
		root = new Schema(schema, "#");
		this.rules = rules;
	}

	/** Whether a keyword says something of values. */
	static boolean says(String keyword) {
		return CONSTRAINTS.contains(keyword) || IMPOSSIBLE.contains(keyword);
	}

	/** What says a value, to stand in a sequence. */
	String root() {
		return value(root.keywords(), "#");
	}

	String grammar() {
		String grammar = rules.grammar(root());
		if (grammar.length() > MOST_CHARACTERS)
			throw new ChatRejected("the schema takes %d characters of grammar, and %d are possible: make it smaller".formatted(grammar.length(),
					MOST_CHARACTERS));
		return grammar;
	}

	/** @return what says a value of this schema, to stand in a sequence */
	private String value(Object node, String path) {
		String all = String.join(" | ", alternatives(schema(node, path)));
		return all.length() > SHORT || all.contains(" | ") ? rules.add(hint(path), all) : all;
	}

	@SuppressWarnings("unchecked")
	private Schema schema(Object node, String path) {
		if (Boolean.TRUE.equals(node))
			return new Schema(Map.of(), path);
		if (Boolean.FALSE.equals(node))
			throw new ChatRejected("'false' at %s of the schema: no value is valid".formatted(path));
		if (!(node instanceof Map<?, ?> keywords))
			throw new ChatRejected("%s at %s of the schema: a schema is an object, true or false".formatted(Literals.json(node), path));
		return new Schema((Map<String, ?>) keywords, path);
	}

	private static String hint(String path) {
		String last = path.substring(path.lastIndexOf('/') + 1);
		return last.equals("#") ? "document" : last;
	}

	private List<String> alternatives(Schema schema) {
		if (depth > DEEPEST)
			throw new ChatRejected("the schema nests more than %d deep at %s".formatted(DEEPEST, schema.path()));
		if (++steps > MOST_STEPS)
			throw new ChatRejected("the schema has more than %d parts, once what is put together is taken apart: make it smaller".formatted(MOST_STEPS));
		depth++;
		try {
			return constrained(schema);
		} finally {
			depth--;
		}
	}

	private List<String> constrained(Schema schema) {
		for (String keyword : schema.keywords().keySet())
			if (IMPOSSIBLE.contains(keyword) && !schema.get(keyword).equals(Optional.ofNullable(HARMLESS.get(keyword))))
				throw schema.refused(keyword, "is not possible in a grammar");
		for (String keyword : List.of("$ref", "allOf", "anyOf", "oneOf"))
			if (schema.has(keyword))
				return put(keyword, schema);
		if (schema.has("const"))
			return listed(schema, "const", Collections.singletonList(schema.keywords().get("const")));
		if (schema.has("enum"))
			return listed(schema, "enum", schema.list("enum"));
		return schema.keywords().keySet().stream().anyMatch(CONSTRAINTS::contains) ? typed(schema) : List.of(anything());
	}

	/** Any value. */
	private String anything() {
		String known = references.get("");
		if (known != null)
			return known;
		String name = rules.reserve("value");
		references.put("", name);
		rules.define(name, String.join(" | ", typed(new Schema(Map.of(), "#"))));
		return name;
	}

	private List<String> typed(Schema schema) {
		var all = new ArrayList<String>();
		List<String> types = Types.of(schema);
		for (String type : types)
			switch (type) {
				case "object" -> all.add(object(schema));
				case "array" -> all.add(array(schema));
				case "string" -> all.add(string(schema));
				case "number" -> all.add(number(schema, false));
				case "integer" -> {
					if (!types.contains("number"))
						all.add(number(schema, true));
				}
				case "boolean" -> all.add("\"true\" | \"false\"");
				default -> all.add("\"null\"");
			}
		if (all.isEmpty())
			throw schema.refused("type", "is empty: no value is valid");
		return all;
	}

	/** A schema that is put together from others. */
	private List<String> put(String keyword, Schema schema) {
		var rest = new LinkedHashMap<String, Object>(schema.keywords());
		rest.keySet().retainAll(CONSTRAINTS);
		rest.remove(keyword);
		if (keyword.equals("$ref")) {
			String reference = schema.text(keyword).orElseThrow(() -> schema.refused(keyword, "is null"));
			return rest.isEmpty() ? List.of(referred(reference, schema)) : both(rest, target(reference, schema), schema);
		}
		List<?> parts = schema.schemas(keyword);
		if (parts.isEmpty())
			throw schema.refused(keyword, "is empty");
		if (keyword.equals("allOf")) {
			Object all = rest;
			for (Object part : parts)
				all = both(all, part, schema.path());
			return alternatives(schema(all, schema.path()));
		}
		var all = new ArrayList<String>();
		for (int i = 0; i < parts.size(); i++) {
			String path = schema.path() + "/" + keyword + "/" + i;
			Object part = both(rest, parts.get(i), path);
			if (!Boolean.FALSE.equals(part))
				alternatives(schema(part, path)).stream().filter(each -> !all.contains(each)).forEach(all::add);
		}
		if (all.isEmpty())
			throw schema.refused(keyword, "leaves nothing: no value is valid");
		return all;
	}

	private List<String> both(Object one, Object other, Schema schema) {
		return alternatives(schema(both(one, other, schema.path()), schema.path()));
	}

	/** Both at once; a schema that stands alone stays what it is. */
	private Object both(Object one, Object other, String path) {
		if (Boolean.FALSE.equals(one) || Boolean.FALSE.equals(other))
			return false;
		if (one.equals(Map.of()))
			return other;
		return Conjunction.merged(resolved(schema(one, path)), resolved(schema(other, path)));
	}

	/** The schema without its reference, if it has one. */
	private Schema resolved(Schema schema) {
		Schema all = schema;
		for (int i = 0; all.has("$ref"); i++) {
			if (i > DEEPEST)
				throw schema.refused("$ref", "refers to itself, and says nothing else");
			var rest = new LinkedHashMap<String, Object>(all.keywords());
			rest.remove("$ref");
			Schema target = schema(target(all.text("$ref").orElse("#"), all), schema.path());
			all = schema(Conjunction.merged(new Schema(rest, schema.path()), target), schema.path());
		}
		return all;
	}

	private String referred(String reference, Schema schema) {
		Object target = target(reference, schema);
		String known = references.get(reference);
		if (known != null) {
			// within an object or an array a value may stand inside itself
			if (open.getOrDefault(reference, -1).equals(containers))
				throw schema.refused("$ref", "refers to itself, and says nothing else");
			return known;
		}
		String name = rules.reserve(reference.equals("#") ? "document" : hint(reference));
		references.put(reference, name);
		open.put(reference, containers);
		rules.define(name, String.join(" | ", alternatives(schema(target, reference))));
		open.remove(reference);
		return name;
	}

	private Object target(String reference, Schema schema) {
		if (!reference.equals("#") && !reference.startsWith("#/"))
			throw schema.refused("$ref", "is '%s': only places in the schema itself can be referred to, as '#/$defs/name'".formatted(reference));
		Object target = root.keywords();
		for (String step : reference.substring(1).split("/")) {
			String name = URLDecoder.decode(step.replace("+", "%2B"), StandardCharsets.UTF_8).replace("~1", "/").replace("~0", "~");
			if (name.isEmpty() && target == root.keywords())
				continue;
			Object parent = target;
			target = switch (parent) {
				case Map<?, ?> map when map.get(name) != null -> map.get(name);
				case List<?> list when name.matches("\\d{1,6}") && Integer.parseInt(name) < list.size() -> list.get(Integer.parseInt(name));
				default -> throw schema.refused("$ref", "is '%s', and there is nothing".formatted(reference));
			};
		}
		return target;
	}

	private List<String> listed(Schema schema, String keyword, List<?> values) {
		Optional<String> other = schema.keywords().keySet().stream()
				.filter(each -> CONSTRAINTS.contains(each) && !each.equals(keyword) && !each.equals("type")).findFirst().map(String.class::cast);
		if (other.isPresent())
			throw schema.refused(other.get(), "is not possible beside '%s': leave out the values that it excludes".formatted(keyword));
		List<String> all = values.stream().filter(value -> Types.allow(schema, value)).map(value -> Literals.of(Literals.json(value))).distinct().toList();
		if (all.isEmpty())
			throw schema.refused(keyword, "has no value that is valid");
		return all;
	}

	private String number(Schema schema, boolean integer) {
		Optional<Bound> least = bound(schema, "minimum", "exclusiveMinimum", 1);
		Optional<Bound> most = bound(schema, "maximum", "exclusiveMaximum", -1);
		if (least.isEmpty() && most.isEmpty())
			return integer ? rules.add("integer", Numerals.INTEGER) : rules.add("number", Numerals.NUMBER);
		Bound from = least.orElseGet(() -> Bound.beyond(most.get(), -1));
		Bound to = most.orElseGet(() -> Bound.beyond(least.get(), 1));
		List<String> all = integer ? Numerals.integers(from, to) : Numerals.numbers(from, to);
		if (all.isEmpty())
			throw schema.refused(schema.has("minimum") ? "minimum" : schema.has("exclusiveMinimum") ? "exclusiveMinimum" : "maximum",
					"leaves no %s below the maximum".formatted(integer ? "integer" : "number"));
		return rules.add(hint(schema.path()), String.join(" | ", all));
	}

	/**
	 * The tighter of both.
	 *
	 * @param sign 1 for the least, −1 for the most
	 */
	private static Optional<Bound> bound(Schema schema, String closed, String open, int sign) {
		Optional<Bound> one = schema.number(closed).map(value -> new Bound(value, false));
		Optional<Bound> other = schema.number(open).map(value -> new Bound(value, true));
		Optional<Bound> bound = one.isEmpty() ? other : other.isEmpty() || one.get().value().compareTo(other.get().value()) * sign > 0 ? one : other;
		return bound.map(each -> {
			if (each.value().abs().compareTo(FAR) <= 0 && each.value().scale() <= 20)
				return each;
			if (each.value().signum() * sign > 0 || each.value().scale() > 20)
				throw schema.refused(one.isPresent() ? closed : open, "has more digits than can be kept");
			return new Bound(FAR.multiply(BigDecimal.valueOf(-sign)), false);
		});
	}

	private String string(Schema schema) {
		long least = schema.count("minLength").orElse(0L);
		long most = schema.count("maxLength").map(count -> Math.min(count, Rules.MOST_TIMES)).orElse(Long.MAX_VALUE);
		if (least > most || least > Rules.MOST_TIMES)
			throw schema.refused("minLength", least > most ? "is above 'maxLength'" : "is above " + Rules.MOST_TIMES);
		Optional<String> pattern = schema.text("pattern");
		Optional<String> format = schema.text("format").flatMap(Formats::pattern);
		if (pattern.isPresent() && format.isPresent())
			throw schema.refused("format", "is not possible beside 'pattern': leave one of them out");
		Optional<String> expression = pattern.or(() -> format);
		if (expression.isEmpty())
			return least == 0 && most == Long.MAX_VALUE ? text()
					: "\"\\\"\" " + rules.repeat(character(), least, most) + " \"\\\"\"";
		Part part = Pattern.translate(expression.get(), rules, schema);
		if (part.least() < least || part.most() > most)
			throw schema.refused(part.least() < least ? "minLength" : "maxLength",
					"is not possible beside '%s', which allows other lengths: say them there".formatted(pattern.isPresent() ? "pattern" : "format"));
		return "\"\\\"\" " + rules.add("text", part.grammar()) + " \"\\\"\"";
	}

	private String character() {
		return rules.add("char", CHARACTER);
	}

	private String text() {
		return rules.add("string", "\"\\\"\" " + character() + "* \"\\\"\"");
	}

	/** After punctuation: nothing, a space, or a new line that is indented. */
	private String space() {
		return rules.add("space", "(\" \" | \"\\n\" [ \\t]{0,20})?");
	}

	private String array(Schema schema) {
		containers++;
		long least = schema.count("minItems").orElse(0L);
		long most = schema.count("maxItems").map(count -> Math.min(count, Rules.MOST_TIMES)).orElse(Long.MAX_VALUE);
		if (least > most || least > Rules.MOST_TIMES)
			throw schema.refused("minItems", least > most ? "is above 'maxItems'" : "is above " + Rules.MOST_TIMES);
		List<?> first = schema.schemas("prefixItems");
		if (schema.get("items").filter(List.class::isInstance).isPresent())
			throw schema.refused("items", "has to be a schema: what stands at its own place is in 'prefixItems'");
		Object items = schema.get("items").orElse(true);
		var said = new ArrayList<String>();
		for (int i = 0; i < Math.min(first.size(), most); i++)
			said.add(value(first.get(i), schema.path() + "/prefixItems/" + i));
		long left = most == Long.MAX_VALUE ? most : most - said.size();
		long lacking = Math.max(0, least - said.size());
		// beyond those that have a place others come only if something is said of them
		if (items.equals(Boolean.FALSE) || !first.isEmpty() && !schema.has("items"))
			left = items.equals(Boolean.FALSE) ? 0 : lacking;
		if (lacking > left)
			throw schema.refused("minItems", "is above what 'prefixItems' and 'items' allow");
		String list = String.join(" \",\" " + space() + " ", said);
		if (left > 0) {
			String item = value(items, schema.path() + "/items");
			String more = rules.add("more", "\",\" " + space() + " " + item);
			if (!said.isEmpty())
				list += " " + rules.repeat(more, lacking, left);
			else {
				list = item + " " + rules.repeat(more, Math.max(0, lacking - 1), left == Long.MAX_VALUE ? left : left - 1);
				if (lacking == 0)
					list = "(" + list + " " + space() + ")?";
			}
		}
		containers--;
		if (list.isEmpty())
			return "\"[\" " + space() + " \"]\"";
		boolean sure = !said.isEmpty() || lacking > 0;
		return "\"[\" " + space() + " " + list + (sure ? " " + space() : "") + " \"]\"";
	}

	private String object(Schema schema) {
		containers++;
		Map<String, Object> properties = schema.map("properties");
		List<?> required = schema.list("required");
		boolean closed = !schema.has("additionalProperties") && !properties.isEmpty();
		Object additional = closed ? false : schema.get("additionalProperties").orElse(true);
		var names = new LinkedHashMap<String, Object>(properties);
		for (Object name : required)
			if (!(name instanceof String text))
				throw schema.refused("required", "has to be names, but has " + Literals.json(name));
			else
				names.putIfAbsent(text, schema.get("additionalProperties").orElse(true));
		var pairs = new ArrayList<Pair>();
		names.forEach((name, value) -> {
			if (name.length() > LONGEST_NAME)
				throw schema.refused("properties", "has a name of %d characters, and %d are possible".formatted(name.length(), LONGEST_NAME));
			boolean must = required.contains(name);
			if (must || !Boolean.FALSE.equals(value))
				pairs.add(new Pair(pair(Literals.of(Literals.quoted(name)), value, schema.path() + "/properties/" + name), must));
		});
		Optional<String> more = additional.equals(Boolean.FALSE) ? Optional.empty()
				: Optional.of(rules.add("extra", pair(key(names.keySet()), additional, schema.path() + "/additionalProperties")));
		containers--;
		return "\"{\" " + space() + " " + members(pairs, more, hint(schema.path())) + " \"}\"";
	}

	/** A member of an object. */
	private record Pair(String grammar, boolean must) {
	}

	private String pair(String key, Object value, String path) {
		return key + " \":\" " + rules.add("gap", "\" \"?") + " " + value(value, path);
	}

	/**
	 * Members in their order, each with a comma if another stands before it. For each there is one rule of what follows it: as many
	 * rules as members, however many may be left out.
	 */
	private String members(List<Pair> pairs, Optional<String> more, String hint) {
		String comma = "\",\" " + space() + " ";
		String end = more.map(extra -> rules.add("more", comma + extra) + "* ").orElse("") + space();
		var starts = new ArrayList<String>();
		more.ifPresent(extra -> starts.add(extra + " " + end));
		String following = end;
		boolean empty = true;
		for (Pair pair : pairs.reversed()) {
			String after = rules.add(hint + "-rest", following);
			if (pair.must) {
				starts.clear();
				empty = false;
			}
			starts.addFirst(pair.grammar + " " + after);
			following = (pair.must ? comma + pair.grammar : rules.add(hint + "-next", comma + pair.grammar) + "?") + " " + after;
		}
		if (starts.isEmpty())
			return "\"\"";
		return rules.add(hint + "-members", String.join(" | ", starts)) + (empty ? "?" : "");
	}

	/** A key that is none of these; without escapes, in which it could be one of these nevertheless. */
	private String key(Set<String> names) {
		if (names.isEmpty())
			return "\"\\\"\" " + rules.add("key", PLAIN + "{1," + KEY_LENGTH + "}") + " \"\\\"\"";
		return "\"\\\"\" " + other(names.stream().toList()) + " \"\\\"\"";
	}

	/** What is left of a key when so much was said of it that only these are still near. */
	private String other(List<String> rests) {
		Map<Integer, List<String>> next = rests.stream().filter(rest -> !rest.isEmpty()).collect(Collectors.groupingBy(rest -> rest.codePointAt(0),
				LinkedHashMap::new, Collectors.mapping(rest -> rest.substring(Character.charCount(rest.codePointAt(0))), Collectors.toList())));
		var all = new ArrayList<String>();
		if (!rests.contains(""))
			all.add("\"\"");
		Chars near = new Chars(next.keySet().stream().map(c -> new Chars.Range(c, c)).toList());
		all.add(near.outOf(Chars.BARE).written().getFirst() + " " + rules.add("tail", PLAIN + "{0," + KEY_LENGTH + "}"));
		next.forEach((c, left) -> {
			if (Chars.BARE.has(c))
				all.add(Chars.of(c, c).written().getFirst() + " " + other(left));
		});
		return rules.add("other", String.join(" | ", all));
	}
}
