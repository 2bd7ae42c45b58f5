package meshwork.jinja;

import java.util.AbstractList;
import java.util.RandomAccess;

/** Numbers from {@code start} in steps up to but not including {@code stop}. */
final class Range extends AbstractList<Object> implements RandomAccess {

	final long start;
	final long stop;
	final long step;
	private final int size;

	private Range(long start, long stop, long step, int size) {
		this.start = start;
		this.stop = stop;
		this.step = step;
		this.size = size;
	}

	static Range of(long start, long stop, long step) {
		if (step == 0) {
			throw new Failure("range() arg 3 must not be zero");
		}
		double size = Math.ceil(((double) stop - start) / step);
		if (size > Integer.MAX_VALUE) {
			throw new Failure("range too big: " + (long) size + " numbers");
		}
		return new Range(start, stop, step, (int) Math.max(0, size));
	}

	/** The numbers at positions {@code from}, {@code from + by} … up to but not including {@code to}. */
	Range slice(long from, long to, long by) {
		return of(start + from * step, start + to * step, step * by);
	}

	@Override
	public Object get(int index) {
		return start + index * step;
	}

	@Override
	public int size() {
		return size;
	}
}
