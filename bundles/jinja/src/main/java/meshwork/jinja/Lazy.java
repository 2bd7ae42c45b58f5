package meshwork.jinja;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.UnaryOperator;

/** Items worked out when they are asked for, once: a generator. */
final class Lazy implements Iterator<Object> {

	private final Iterator<?> source;
	private final UnaryOperator<Object> step;
	private Object next = Undefined.MISSING;

	/** @param step item to item; {@link Undefined#MISSING} leaves it out */
	Lazy(Iterator<?> source, UnaryOperator<Object> step) {
		this.source = source;
		this.step = step;
	}

	@Override
	public boolean hasNext() {
		while (next == Undefined.MISSING && source.hasNext()) {
			next = step.apply(source.next());
		}
		return next != Undefined.MISSING;
	}

	@Override
	public Object next() {
		if (!hasNext()) {
			throw new NoSuchElementException();
		}
		Object item = next;
		next = Undefined.MISSING;
		return item;
	}
}
