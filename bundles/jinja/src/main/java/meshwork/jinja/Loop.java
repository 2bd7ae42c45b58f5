package meshwork.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The {@code loop} of a for statement. */
final class Loop implements Callable {

	/** Renders the loop's body for other items, a level deeper. */
	interface Recursion {
		String render(Object items, long depth);
	}

	private final Run run;
	private final Object items;
	private final Recursion recursion;
	private final long depth;
	private Iterator<Object> iterator;
	private int length = -1;
	long index0 = -1;
	private Object before = Undefined.MISSING;
	private Object current = Undefined.MISSING;
	private Object after = Undefined.MISSING;
	private Object changed = Undefined.MISSING;

	/** @param recursion null for a loop that isn't recursive */
	Loop(Run run, Object items, Recursion recursion, long depth) {
		this.run = run;
		this.items = items;
		this.iterator = Values.iterate(items);
		this.recursion = recursion;
		this.depth = depth;
	}

	/** The next item, {@link Undefined#MISSING} at the end. */
	Object next() {
		Object item = peek();
		if (item != Undefined.MISSING) {
			after = Undefined.MISSING;
			index0++;
			before = current;
			current = item;
		}
		return item;
	}

	private Object peek() {
		if (after == Undefined.MISSING && iterator.hasNext()) {
			after = iterator.next();
		}
		return after;
	}

	/** What a loop over the loop itself sees. */
	Iterator<Object> pairs() {
		return new Iterator<>() {
			@Override
			public boolean hasNext() {
				return peek() != Undefined.MISSING;
			}

			@Override
			public Object next() {
				return Tuple.of(Loop.this.next(), Loop.this);
			}
		};
	}

	int length() {
		if (length < 0) {
			length = Values.length(items);
			if (length < 0) {
				List<Object> rest = new ArrayList<>();
				while (iterator.hasNext()) {
					run.step();
					rest.add(iterator.next());
				}
				iterator = rest.iterator();
				length = rest.size() + (int) index0 + 1 + (after == Undefined.MISSING ? 0 : 1);
			}
		}
		return length;
	}

	Object attribute(String name) {
		return switch (name) {
			case "index" -> index0 + 1;
			case "index0" -> index0;
			case "revindex" -> length() - index0;
			case "revindex0" -> length() - index0 - 1;
			case "first" -> index0 == 0;
			case "last" -> peek() == Undefined.MISSING;
			case "length" -> (long) length();
			case "depth" -> depth + 1;
			case "depth0" -> depth;
			case "previtem" -> index0 == 0 ? new Undefined("there is no previous item") : before;
			case "nextitem" -> peek() == Undefined.MISSING ? new Undefined("there is no next item") : peek();
			case "cycle" -> (Callable) (_, a) -> {
				List<Object> values = a.positional();
				if (values.isEmpty()) {
					throw new Failure("no items for cycling given");
				}
				return values.get((int) (index0 % values.size()));
			};
			case "changed" -> (Callable) (_, a) -> {
				Tuple values = new Tuple(a.positional());
				boolean differs = changed == Undefined.MISSING || !Values.equal(changed, values);
				changed = values;
				return differs;
			};
			default -> Undefined.MISSING;
		};
	}

	@Override
	public Object call(Run run, Arguments arguments) {
		if (recursion == null) {
			throw new Failure("The loop must have the 'recursive' marker to be called recursively.");
		}
		return recursion.render(arguments.bind("loop", 1, "iterable")[0], depth + 1);
	}
}
