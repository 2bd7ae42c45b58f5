package meshwork.chat.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A set of code points, and how it is written within a JSON string. */
record Chars(List<Range> ranges) {

	/** All that a string may have, each as one code point. */
	static final Chars ALL = of(0, 0xD7FF).and(of(0xE000, 0x10FFFF));

	/** Those that all kinds of regular expressions take for one character. */
	static final Chars PLANE = of(0, 0xD7FF).and(of(0xE000, 0xFFFF));

	/** Those that stand in a JSON string as they are. */
	static final Chars BARE = of(' ', '!').and(of('#', '[')).and(of(']', 0xD7FF)).and(of(0xE000, 0x10FFFF));
	private static final Map<Integer, String> ESCAPES = new TreeMap<>(Map.of((int) '\b', "\\b", (int) '\t', "\\t", (int) '\n', "\\n", (int) '\f', "\\f",
			(int) '\r', "\\r", (int) '"', "\\\"", (int) '\\', "\\\\"));

	record Range(int first, int last) {
	}

	static Chars of(int first, int last) {
		return new Chars(List.of(new Range(first, last)));
	}

	static Chars of(String each) {
		return new Chars(each.codePoints().mapToObj(c -> new Range(c, c)).toList());
	}

	Chars and(Chars others) {
		var all = new ArrayList<>(ranges);
		all.addAll(others.ranges);
		return new Chars(all);
	}

	/** Those of the others that are not in here. */
	Chars outOf(Chars others) {
		List<Range> left = others.ranges;
		for (Range out : ranges) {
			var next = new ArrayList<Range>();
			for (Range range : left) {
				if (range.first < Math.min(out.first, range.last + 1))
					next.add(new Range(range.first, Math.min(range.last, out.first - 1)));
				if (range.last > Math.max(out.last, range.first - 1))
					next.add(new Range(Math.max(range.first, out.last + 1), range.last));
			}
			left = next;
		}
		return new Chars(left);
	}

	private Chars cut(Chars others) {
		return outOf(others).outOf(others);
	}

	boolean has(int c) {
		return ranges.stream().anyMatch(range -> range.first <= c && c <= range.last);
	}

	/** Alternatives of the grammar that say one of these; none when there is none that JSON can say shortly. */
	List<String> written() {
		var all = new ArrayList<String>();
		Chars bare = cut(BARE);
		if (!bare.ranges.isEmpty())
			all.add(bare.set());
		ESCAPES.forEach((c, text) -> {
			if (has(c))
				all.add(Literals.of(text));
		});
		return all;
	}

	/** Those, as the grammar says them outside of JSON. */
	String set() {
		var set = new StringBuilder("[");
		for (Range range : ranges) {
			set.append(written(range.first));
			if (range.last > range.first)
				set.append('-').append(written(range.last));
		}
		return set.append(']').toString();
	}

	private static String written(int c) {
		if (c == '\\' || c == ']' || c == '[' || c == '-')
			return "\\" + (char) c;
		if (c == '^')
			return "\\x5E";
		if (c > ' ' && c < 0x7F)
			return String.valueOf((char) c);
		return c <= 0xFFFF ? "\\u%04X".formatted(c) : "\\U%08X".formatted(c);
	}
}
