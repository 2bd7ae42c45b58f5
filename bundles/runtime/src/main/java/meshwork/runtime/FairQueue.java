package meshwork.runtime;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Waits in line: callers take turns, each caller's own in the order in which they came. */
final class FairQueue<T> {

	private final SequencedMap<String, ArrayDeque<T>> byCaller = new LinkedHashMap<>();

	boolean isEmpty() {
		return byCaller.isEmpty();
	}

	void add(String caller, T one) {
		line(caller).addLast(one);
	}

	/** Puts back what had its turn, before all that its caller has waiting. */
	void putBack(String caller, T one) {
		line(caller).addFirst(one);
	}

	/** The next in turn; there has to be one. */
	T take() {
		var turn = byCaller.pollFirstEntry();
		T next = turn.getValue().removeFirst();
		if (!turn.getValue().isEmpty())
			byCaller.put(turn.getKey(), turn.getValue());
		return next;
	}

	void remove(String caller, T one) {
		var line = line(caller);
		line.remove(one);
		if (line.isEmpty())
			byCaller.remove(caller);
	}

	private ArrayDeque<T> line(String caller) {
		return byCaller.computeIfAbsent(caller, _ -> new ArrayDeque<>());
	}
}
