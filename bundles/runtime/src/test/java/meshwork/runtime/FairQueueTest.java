package meshwork.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

class FairQueueTest {

	private final FairQueue<String> queue = new FairQueue<>();

	private List<String> rest() {
		var rest = new ArrayList<String>();
		while (!queue.isEmpty())
			rest.add(queue.take());
		return rest;
	}

	@Test
	void aCallerWithManyWaitsForThoseWithFew() {
		for (String one : List.of("a1", "a2", "a3", "b1", "c1", "c2"))
			queue.add(one.substring(0, 1), one);
		assertEquals(List.of("a1", "b1", "c1", "a2", "c2", "a3"), rest());
	}

	@Test
	void whatIsPutBackComesBeforeItsCallersOthers() {
		queue.add("a", "a2");
		queue.add("b", "b1");
		queue.putBack("a", "a1");
		assertEquals(List.of("a1", "b1", "a2"), rest());
	}

	@Test
	void whatIsRemovedIsGone() {
		queue.add("a", "a1");
		queue.add("a", "a2");
		queue.remove("a", "a1");
		queue.remove("b", "b1");
		assertEquals(List.of("a2"), rest());
		queue.add("a", "a1");
		queue.remove("a", "a1");
		assertTrue(queue.isEmpty());
	}
}
