package meshwork.jinja;

import java.time.ZonedDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions that every template may call. */
final class Globals {

	private static final int LONGEST_RANGE = 100_000;

	static final Map<String, Callable> ALL = Map.of(
			"range", Globals::range,
			"dict", Globals::dict,
			"namespace", (run, arguments) -> new Namespace(dict(run, arguments)),
			"cycler", (_, arguments) -> new Cycler(arguments),
			"joiner", Globals::joiner,
			"lipsum", (_, _) -> {
				throw new Failure("the function 'lipsum' is not supported");
			},
			"raise_exception", (_, arguments) -> {
				throw new Failure(TemplateError.Kind.RAISED,
						Values.str(arguments.bind("raise_exception", 1, "message")[0]));
			},
			"strftime_now", (run, arguments) -> {
				Object format = arguments.bind("strftime_now", 1, "format")[0];
				if (!Values.isText(format)) {
					throw new Failure("strftime_now() takes a string, not " + Values.typeName(format));
				}
				return run.text(Dates.format(Values.text(format), ZonedDateTime.now(run.clock)));
			});

	private Globals() {
	}

	private static Object range(Run run, Arguments arguments) {
		Object[] given = arguments.positionalOnly("range", 1, 3);
		long first = Numbers.index(given[0], "range");
		Range range = Arguments.given(given[1])
				? Range.of(first, Numbers.index(given[1], "range"),
						Arguments.given(given[2]) ? Numbers.index(given[2], "range") : 1)
				: Range.of(0, first, 1);
		if (range.size() > LONGEST_RANGE) {
			throw new Failure(TemplateError.Kind.LIMIT, "a range of " + range.size() + " numbers, " + LONGEST_RANGE
					+ " are allowed");
		}
		return range;
	}

	private static Map<Object, Object> dict(Run run, Arguments arguments) {
		Map<Object, Object> map = new LinkedHashMap<>();
		if (arguments.positional().size() > 1) {
			throw new Failure("dict expected at most 1 argument, got " + arguments.positional().size());
		}
		for (Object source : arguments.positional()) {
			if (source instanceof Map<?, ?> other) {
				run.items(other.size());
				map.putAll(other);
				continue;
			}
			for (Object pair : Values.list(run, source)) {
				List<Object> two = Values.list(run, pair);
				if (two.size() != 2) {
					throw new Failure("dictionary update sequence element has length " + two.size()
							+ "; 2 is required");
				}
				Values.put(map, two.get(0), two.get(1));
			}
		}
		map.putAll(arguments.named());
		return map;
	}

	private static Object joiner(Run run, Arguments arguments) {
		Object separator = Arguments.or(arguments.bind("joiner", 0, "sep")[0], ", ");
		boolean[] used = new boolean[1];
		return (Callable) (_, again) -> {
			again.bind("joiner", 0);
			boolean first = !used[0];
			used[0] = true;
			return first ? "" : separator;
		};
	}

	/** Answers one value after the other, and then from the start. */
	static final class Cycler {

		private final List<Object> values;
		private int at;

		Cycler(Arguments arguments) {
			values = arguments.positional();
			if (values.isEmpty() || !arguments.named().isEmpty()) {
				throw new Failure("at least one item has to be provided");
			}
		}

		Object attribute(String name) {
			return switch (name) {
				case "current" -> values.get(at);
				case "items" -> new Tuple(values);
				case "pos" -> (long) at;
				case "next" -> (Callable) (_, _) -> {
					Object value = values.get(at);
					at = (at + 1) % values.size();
					return value;
				};
				case "reset" -> (Callable) (_, _) -> {
					at = 0;
					return null;
				};
				default -> Undefined.MISSING;
			};
		}
	}
}
