package meshwork.jinja;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Compares this engine with what {@code oracle.py} wrote of Python's. */
final class Differential {

	static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-05T14:07:09Z"), ZoneOffset.UTC);

	/**
	 * One template, what it is given, and what Python made of it.
	 *
	 * @param kind {@code output}, {@code raised} or {@code error}
	 */
	record Case(String name, String template, Map<String, ?> context, String kind, String expected) {

		/** What this engine makes of it, in the same words; of an error only that it is one. */
		String actual() {
			try {
				return "output: " + Template.compile(template).render(context, CLOCK);
			} catch (TemplateError error) {
				return error.kind() == TemplateError.Kind.RAISED ? "raised: " + error.getMessage() : "error";
			}
		}

		String wanted() {
			return kind.equals("error") ? "error" : kind + ": " + expected;
		}

		@Override
		public String toString() {
			return name;
		}
	}

	private Differential() {
	}

	@SuppressWarnings("unchecked")
	static List<Case> read(String json) {
		Run run = new Run(Map.of(), new Limits(Long.MAX_VALUE, Integer.MAX_VALUE, 1), CLOCK);
		Map<Object, Map<String, ?>> contexts = new HashMap<>();
		List<Case> cases = new ArrayList<>();
		for (Object item : (List<?>) Json.parse(run, json)) {
			Map<String, Object> fields = (Map<String, Object>) item;
			if (fields.get("values") instanceof Map<?, ?> values) {
				contexts.put(fields.get("context"), (Map<String, ?>) values);
			}
			String kind = fields.containsKey("output") ? "output" : fields.containsKey("raised") ? "raised" : "error";
			cases.add(new Case((String) fields.get("name"), (String) fields.get("template"),
					contexts.get(fields.get("context")), kind, (String) fields.get(kind)));
		}
		return cases;
	}

	/** Prints the cases that differ, and how many of how many don't. */
	public static void main(String... files) throws IOException {
		for (String file : files) {
			int equal = 0;
			int rendered = 0;
			int renderedEqual = 0;
			TreeSet<String> unequal = new TreeSet<>();
			List<Case> cases = read(Files.readString(Path.of(file)));
			for (Case tried : cases) {
				String actual;
				try {
					actual = tried.actual();
				} catch (RuntimeException broken) {
					actual = "broken: " + broken + " at " + broken.getStackTrace()[0];
				}
				boolean same = actual.equals(tried.wanted());
				equal += same ? 1 : 0;
				rendered += tried.kind.equals("output") ? 1 : 0;
				renderedEqual += same && tried.kind.equals("output") ? 1 : 0;
				if (!same) {
					unequal.add(tried.name.replaceFirst(": .*", ""));
					String reason = actual.equals("error") ? " (" + reason(tried) + ")" : "";
					int from = Math.max(0, firstDifference(tried.wanted(), actual) - 40);
					System.out.println("--- " + tried.name + (tried.template.length() < 1000 ? "\n" + tried.template : "")
							+ "\n  python: " + clip(tried.kind + ": " + tried.expected, from) + "\n  here:   "
							+ clip(actual, from) + reason);
				}
			}
			System.out.println(file + ": " + equal + " of " + cases.size() + " cases equal; of those that Python renders "
					+ renderedEqual + " of " + rendered + "; unequal: " + unequal);
		}
	}

	private static String reason(Case tried) {
		try {
			return Template.compile(tried.template).render(tried.context, CLOCK);
		} catch (TemplateError error) {
			return error.getMessage();
		}
	}

	private static int firstDifference(String a, String b) {
		int at = 0;
		while (at < a.length() && at < b.length() && a.charAt(at) == b.charAt(at)) {
			at++;
		}
		return at;
	}

	private static String clip(String text, int from) {
		int start = Math.min(from, text.length());
		return (start > 0 ? "…" : "") + text.substring(start, Math.min(text.length(), start + 200));
	}
}
