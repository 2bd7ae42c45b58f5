package meshwork.chat.schema;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import meshwork.api.chat.ChatRejected;

/**
 * The rules of a grammar that is being written; equal ones are written once. llama.cpp takes a repetition of more than 2,000 for an
 * endless one, and multiplies those within a group: here what repeats is a rule of its own, and many are counted in blocks.
 */
public final class Rules {

	/** More than this is not counted. */
	static final int MOST_TIMES = 100_000;

	private static final int MOST_RULES = 5_000;
	private static final int FEW = 1_000;
	private static final int BLOCK = 100;

	private final Map<String, String> bodies = new LinkedHashMap<>();
	private final Map<String, String> names = new HashMap<>();

	/** A literal of the grammar that says this text. */
	public static String literal(String text) {
		return Literals.of(text).replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
	}

	/**
	 * @param schema JSON Schema
	 * @return what says a JSON value that is valid against it, to stand in a sequence
	 * @throws ChatRejected when it can't be expressed; rules that were added on the way are left
	 */
	public String json(Map<String, ?> schema) {
		return new Translation(schema, this).root();
	}

	/** @return the rule that says any text, on any number of lines, in which a mark does not appear */
	public String without(String mark) {
		int[] marks = mark.codePoints().toArray();
		int[] back = new int[marks.length];
		for (int i = 1; i < marks.length; i++) {
			int j = back[i - 1];
			while (j > 0 && marks[i] != marks[j])
				j = back[j - 1];
			back[i] = marks[i] == marks[j] ? j + 1 : 0;
		}
		String[] names = new String[marks.length];
		for (int i = 0; i < marks.length; i++)
			names[i] = reserve("text");
		Chars all = Chars.of('\t', '\n').and(Chars.of('\r', '\r')).and(Chars.of(' ', 0xD7FF)).and(Chars.of(0xE000, 0x10FFFF));
		for (int i = 0; i < marks.length; i++) {
			var ways = new StringBuilder("\"\"");
			Chars near = new Chars(List.of());
			for (int j = i;; j = back[j - 1]) {
				if (!near.has(marks[j])) {
					near = near.and(Chars.of(marks[j], marks[j]));
					if (j + 1 < marks.length)
						ways.append(" | ").append(Chars.of(marks[j], marks[j]).set()).append(' ').append(names[j + 1]);
				}
				if (j == 0)
					break;
			}
			define(names[i], ways.append(" | ").append(near.outOf(all).set()).append(' ').append(names[0]).toString());
		}
		return names[0];
	}

	/** @return the name of a rule that says this */
	public String add(String hint, String body) {
		String known = names.get(body);
		if (known != null)
			return known;
		String name = reserve(hint);
		define(name, body);
		return name;
	}

	/** Takes a name for a rule that refers to itself. */
	public String reserve(String hint) {
		if (bodies.size() >= MOST_RULES)
			throw new ChatRejected("the schema takes more than %d rules of grammar: make it smaller".formatted(MOST_RULES));
		String base = hint.replaceAll("[^A-Za-z0-9]+", "-").replaceAll("^-+|-+$", "").toLowerCase(Locale.ROOT);
		if (base.isEmpty())
			base = "rule";
		String name = base;
		for (int i = 2; bodies.containsKey(name) || name.equals("root"); i++)
			name = base + "-" + i;
		bodies.put(name, "");
		return name;
	}

	public void define(String name, String body) {
		bodies.put(name, body);
		names.putIfAbsent(body, name);
	}

	/** An item so many times, as part of a sequence. */
	public String repeat(String item, long least, long most) {
		if (most == 0)
			return "\"\"";
		if (least == 1 && most == 1)
			return item;
		String rule = item.matches("[a-z0-9-]+|\\[[^\\[\\]\\\\]*]") ? item : add("item", item);
		if (most == Long.MAX_VALUE)
			return least == 0 ? rule + "*" : least == 1 ? rule + "+" : exactly(rule, least) + " " + rule + "*";
		if (most <= FEW)
			return rule + (least == most ? "{" + least + "}" : "{" + least + "," + most + "}");
		return exactly(rule, least) + " " + atMost(rule, most - least);
	}

	private String exactly(String rule, long times) {
		if (times == 0)
			return "\"\"";
		return times <= FEW ? "%s{%d}".formatted(rule, times)
				: "%s{%d} %s".formatted(block(rule), times / BLOCK, exactly(rule, times % BLOCK));
	}

	/** Whole blocks and what is left: of the ways to read a text at most two are open at a time. */
	private String atMost(String rule, long times) {
		if (times == 0)
			return "\"\"";
		if (times <= FEW)
			return "%s{0,%d}".formatted(rule, times);
		long blocks = times / BLOCK;
		return add(rule + "-many", "%s{0,%d} %s | %1$s{%d} %s".formatted(block(rule), blocks - 1, atMost(rule, BLOCK - 1), blocks,
				atMost(rule, times % BLOCK)));
	}

	private String block(String rule) {
		return add(rule + "-block", "%s{%d}".formatted(rule, BLOCK));
	}

	/** The grammar. */
	public String grammar(String root) {
		return bodies.entrySet().stream().map(rule -> rule.getKey() + " ::= " + rule.getValue() + "\n")
				.collect(Collectors.joining("", "root ::= " + root + "\n", ""));
	}
}
