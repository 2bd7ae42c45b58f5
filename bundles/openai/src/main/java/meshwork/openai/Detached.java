package meshwork.openai;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import meshwork.api.inference.Generation;
import meshwork.api.inference.InferenceException;
import tools.jackson.databind.node.ObjectNode;

/** A response that is made while nobody waits for it, and that may be followed. Safe for use by many threads. */
final class Detached {

	private record Event(String type, Map<String, Object> body) {
	}

	private final String caller;
	private final Generation generation;
	private final boolean followed;
	private final ResponseNarrator narrator;
	private final List<Event> events = new ArrayList<>();
	private ObjectNode latest;
	private boolean cancelled;
	private boolean over;

	/**
	 * @param followed whether its events are to be told
	 * @param keeper is given the response before anybody is told that it has ended
	 */
	Detached(String caller, Reply reply, Generation generation, boolean followed, ResponseNarrator.Keeper keeper) throws IOException {
		this.caller = caller;
		this.generation = generation;
		this.followed = followed;
		narrator = new ResponseNarrator(reply, keeper, this::happened);
		latest = narrator.queued();
	}

	String caller() {
		return caller;
	}

	/** How the response stands. */
	synchronized ObjectNode latest() {
		return latest;
	}

	private synchronized void happened(String type, Map<String, Object> body) {
		if (followed)
			events.add(new Event(type, body));
		if (body.get("response") instanceof ObjectNode response)
			latest = response;
		notifyAll();
	}

	/** Makes the response. */
	void make() {
		try (generation) {
			ObjectNode last = tell();
			synchronized (this) {
				latest = last;
			}
		} catch (IOException e) {
			throw new AssertionError("nothing is written", e);
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		} finally {
			synchronized (this) {
				over = true;
				notifyAll();
			}
		}
	}

	private ObjectNode tell() throws IOException, InterruptedException {
		try {
			return narrator.tell(generation);
		} catch (InferenceException e) {
			return isCancelled() ? narrator.cancelled() : narrator.failed(e.getMessage());
		}
	}

	private synchronized boolean isCancelled() {
		return cancelled;
	}

	/** Gives up what is left of it; returns when that is done. */
	ObjectNode cancel() throws InterruptedException {
		synchronized (this) {
			cancelled = true;
		}
		generation.close();
		synchronized (this) {
			while (!over)
				wait();
			return latest;
		}
	}

	/** Gives up what is left of it. */
	void abandon() {
		generation.close();
	}

	/** Whether its events are told. */
	boolean isFollowed() {
		return followed;
	}

	/** Tells what happened since an event, and what happens until the end. */
	void follow(EventStream stream, int after) throws IOException, InterruptedException {
		for (int next = after + 1; await(next); next++) {
			Event event = event(next);
			stream.send(event.type(), event.body());
		}
		stream.end();
	}

	private synchronized boolean await(int event) throws InterruptedException {
		while (event >= events.size() && !over)
			wait();
		return event < events.size();
	}

	private synchronized Event event(int index) {
		return events.get(index);
	}
}
