package meshwork.chat.schema;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** A grammar, read as llama.cpp reads it: tells what it allows, and says something that it allows. */
final class Gbnf {

	private static final long MANY = 2_000;

	private final Map<String, Node> rules = new HashMap<>();

	private String source = "";
	private int at;
	private int[] text = {};
	private Map<String, Map<Integer, BitSet>> known = Map.of();

	Gbnf(String grammar) {
		for (String line : grammar.split("\n")) {
			int sign = line.indexOf(" ::= ");
			source = line.substring(sign + " ::= ".length());
			at = 0;
			rules.put(line.substring(0, sign), alternatives());
			if (at < source.length())
				throw new AssertionError("at " + at + " of " + line);
		}
	}

	private sealed interface Node {

		record Choice(List<Node> nodes) implements Node {
		}

		record Sequence(List<Node> nodes) implements Node {
		}

		record Repeat(Node node, long least, long most) implements Node {
		}

		record Rule(String name) implements Node {
		}

		record Set(List<int[]> ranges) implements Node {
		}

		record Literal(int[] text) implements Node {
		}
	}

	private Node alternatives() {
		var all = new ArrayList<Node>();
		do
			all.add(sequence());
		while (eats("| "));
		return new Node.Choice(all);
	}

	private Node sequence() {
		var all = new ArrayList<Node>();
		while (at < source.length() && source.charAt(at) != '|' && source.charAt(at) != ')') {
			all.add(repeated(atom()));
			eats(" ");
		}
		return new Node.Sequence(all);
	}

	private Node atom() {
		if (eats("(")) {
			Node inner = alternatives();
			if (!eats(")"))
				throw new AssertionError("not closed at " + at + " of " + source);
			return inner;
		}
		if (eats("\"")) {
			var said = new ArrayList<Integer>();
			while (!eats("\""))
				said.add(character());
			return new Node.Literal(said.stream().mapToInt(c -> c).toArray());
		}
		if (eats("[")) {
			var ranges = new ArrayList<int[]>();
			if (source.charAt(at) == '^')
				throw new AssertionError("negated at " + at + " of " + source);
			while (!eats("]")) {
				int first = character();
				ranges.add(new int[] { first, eats("-") ? character() : first });
			}
			return new Node.Set(ranges);
		}
		int start = at;
		while (at < source.length() && (Character.isLetterOrDigit(source.charAt(at)) || source.charAt(at) == '-'))
			at++;
		if (start == at)
			throw new AssertionError("nothing at " + at + " of " + source);
		return new Node.Rule(source.substring(start, at));
	}

	private Node repeated(Node node) {
		if (eats("*"))
			return new Node.Repeat(node, 0, Long.MAX_VALUE);
		if (eats("+"))
			return new Node.Repeat(node, 1, Long.MAX_VALUE);
		if (eats("?"))
			return new Node.Repeat(node, 0, 1);
		if (!eats("{"))
			return node;
		int end = source.indexOf('}', at);
		String[] bounds = source.substring(at, end).split(",");
		at = end + 1;
		var repeat = new Node.Repeat(node, Long.parseLong(bounds[0]), Long.parseLong(bounds[bounds.length - 1]));
		if (repeat.most > MANY || repeat.most < 1 || node instanceof Node.Literal(int[] empty) && empty.length == 0)
			throw new AssertionError("llama.cpp would not count this: " + source);
		return repeat;
	}

	private int character() {
		int c = source.codePointAt(at);
		at += Character.charCount(c);
		if (c != '\\')
			return c;
		char kind = source.charAt(at++);
		int digits = switch (kind) {
			case 'x' -> 2;
			case 'u' -> 4;
			case 'U' -> 8;
			default -> 0;
		};
		at += digits;
		return switch (kind) {
			case 't' -> '\t';
			case 'n' -> '\n';
			case 'r' -> '\r';
			case '\\', '"', '[', ']', '-' -> kind;
			case 'x', 'u', 'U' -> Integer.parseInt(source, at - digits, at, 16);
			default -> throw new AssertionError("\\" + kind + " in " + source);
		};
	}

	private boolean eats(String token) {
		boolean there = source.startsWith(token, at);
		if (there)
			at += token.length();
		return there;
	}

	/** Whether it allows the whole text. */
	boolean allows(String said) {
		text = said.codePoints().toArray();
		known = new HashMap<>();
		return ends(new Node.Rule("root"), 0).get(text.length);
	}

	/** Where what begins here may end. */
	private BitSet ends(Node node, int start) {
		var ends = new BitSet();
		switch (node) {
			case Node.Literal(int[] literal) -> {
				if (start + literal.length <= text.length && Arrays.equals(literal, 0, literal.length, text, start, start + literal.length))
					ends.set(start + literal.length);
			}
			case Node.Set(List<int[]> ranges) -> {
				if (start < text.length && ranges.stream().anyMatch(range -> range[0] <= text[start] && text[start] <= range[1]))
					ends.set(start + 1);
			}
			case Node.Rule(String name) -> {
				Map<Integer, BitSet> ofRule = known.computeIfAbsent(name, _ -> new HashMap<>());
				BitSet before = ofRule.get(start);
				if (before != null)
					return before;
				ends = ends(rule(name), start);
				ofRule.put(start, ends);
			}
			case Node.Choice(List<Node> nodes) -> {
				for (Node each : nodes)
					ends.or(ends(each, start));
			}
			case Node.Sequence(List<Node> nodes) -> {
				ends.set(start);
				for (Node each : nodes)
					step(each, ends);
			}
			case Node.Repeat(Node each, long least, long most) -> {
				var now = new BitSet();
				now.set(start);
				for (long i = 0; i <= most && !now.isEmpty(); i++) {
					if (i >= least) {
						var seen = (BitSet) ends.clone();
						ends.or(now);
						if (most == Long.MAX_VALUE && seen.equals(ends))
							break;
					}
					step(each, now);
				}
			}
		}
		return ends;
	}

	private void step(Node node, BitSet places) {
		var next = new BitSet();
		places.stream().forEach(place -> next.or(ends(node, place)));
		places.clear();
		places.or(next);
	}

	private Node rule(String name) {
		Node rule = rules.get(name);
		if (rule == null)
			throw new AssertionError("no rule " + name);
		return rule;
	}

	/** Says something; the longer it gets the sooner it ends. */
	String say(RandomGenerator random) {
		var said = new StringBuilder();
		say(new Node.Rule("root"), random, said, 0);
		return said.toString();
	}

	private void say(Node node, RandomGenerator random, StringBuilder said, int depth) {
		if (depth > 400)
			throw new IllegalStateException("too deep");
		switch (node) {
			case Node.Literal(int[] literal) -> said.append(new String(literal, 0, literal.length));
			case Node.Set(List<int[]> ranges) -> {
				int[] range = ranges.get(random.nextInt(ranges.size()));
				said.appendCodePoint(random.nextInt(range[0], range[1] + 1));
			}
			case Node.Rule(String name) -> say(rule(name), random, said, depth + 1);
			case Node.Choice(List<Node> nodes) -> say(nodes.get(random.nextInt(nodes.size())), random, said, depth + 1);
			case Node.Sequence(List<Node> nodes) -> nodes.forEach(each -> say(each, random, said, depth + 1));
			case Node.Repeat(Node each, long least, long most) -> {
				long times = least;
				while (times < most && random.nextInt(8 + depth) < 6)
					times++;
				for (long i = 0; i < times; i++)
					say(each, random, said, depth + 1);
			}
		}
	}
}
