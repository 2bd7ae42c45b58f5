package meshwork.jinja;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;

/** A list that prints in parentheses, is no list, and may be a key. */
class Tuple extends AbstractList<Object> implements RandomAccess {

	private final List<Object> items;

	Tuple(List<Object> items) {
		this.items = items;
	}

	static Tuple of(Object... items) {
		return new Tuple(Arrays.asList(items));
	}

	@Override
	public Object get(int index) {
		return items.get(index);
	}

	@Override
	public int size() {
		return items.size();
	}

	@Override
	public final boolean equals(Object other) {
		return other instanceof Tuple && Values.equal(this, other);
	}

	@Override
	public final int hashCode() {
		int hash = 1;
		Run run = Run.CURRENT.get();
		for (Object item : items) {
			run.step();
			hash = 31 * hash + Values.hash(item);
		}
		return hash;
	}
}
