package meshwork.openai;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import tools.jackson.databind.JsonNode;

/**
 * Remembers responses for those who asked for them, up to so many and so many bytes: what was not used for the longest is forgotten
 * first. Safe for use by many threads.
 */
final class Archive {

	private final int most;
	private final long mostBytes;
	private final Map<String, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
	/** The first response that an item is part of. */
	private final Map<Owned, String> holders = new HashMap<>();
	private long bytes;

	Archive(int most, long mostBytes) {
		this.most = most;
		this.mostBytes = mostBytes;
	}

	/** An item; callers may give theirs the same ids. */
	private record Owned(String caller, String item) {
	}

	/**
	 * A response that is kept, as JSON.
	 *
	 * @param caller who may see it
	 * @param body the response object
	 * @param input an array of the items that it was given
	 * @param items the ids of those that it said and was given
	 */
	record Kept(String caller, byte[] body, byte[] input, List<String> items) {

		static Kept of(String caller, JsonNode response, List<JsonNode> input) {
			byte[] body = Json.write(response);
			// what was told of it has objects that are not JSON yet
			Stream<JsonNode> said = Json.read(body).get("output").values().stream();
			return new Kept(caller, body, Json.write(input), Stream.concat(said, input.stream()).map(item -> item.get("id").stringValue()).toList());
		}

		JsonNode response() {
			return Json.read(body);
		}

		List<JsonNode> given() {
			return List.copyOf(Json.read(input).values());
		}

		List<JsonNode> said() {
			return List.copyOf(response().get("output").values());
		}

		Optional<String> previous() {
			return Optional.ofNullable(response().get("previous_response_id").stringValue(null));
		}

		private long bytes() {
			return body.length + input.length;
		}
	}

	synchronized void keep(String id, Kept response) {
		kept.put(id, response);
		response.items().forEach(item -> holders.putIfAbsent(new Owned(response.caller(), item), id));
		bytes += response.bytes();
		while (kept.size() > most || bytes > mostBytes)
			forget(kept.keySet().iterator().next());
	}

	synchronized Optional<Kept> find(String caller, String id) {
		return Optional.ofNullable(kept.get(id)).filter(response -> response.caller().equals(caller));
	}

	/** An item that was said or given. */
	Optional<JsonNode> item(String caller, String id) {
		return holder(caller, id).flatMap(response -> Stream.concat(response.said().stream(), response.given().stream())
				.filter(item -> item.get("id").stringValue().equals(id)).findFirst());
	}

	private synchronized Optional<Kept> holder(String caller, String item) {
		return Optional.ofNullable(holders.get(new Owned(caller, item))).flatMap(id -> find(caller, id));
	}

	/**
	 * All items up to the end of a response, those that it was given and those that it said.
	 *
	 * @return empty when one of the responses that led to it is not kept
	 */
	Optional<List<JsonNode>> upTo(String caller, String id) {
		var items = new ArrayDeque<JsonNode>();
		for (Optional<String> each = Optional.of(id); each.isPresent();) {
			Optional<Kept> response = find(caller, each.get());
			if (response.isEmpty())
				return Optional.empty();
			response.get().said().reversed().stream().filter(item -> !isCutOff(item)).forEach(items::addFirst);
			response.get().given().reversed().forEach(items::addFirst);
			each = response.get().previous();
		}
		return Optional.of(List.copyOf(items));
	}

	/** A call that breaks off has no arguments that anybody could read. */
	private static boolean isCutOff(JsonNode item) {
		return item.get("type").stringValue().equals("function_call") && item.get("status").stringValue().equals("incomplete");
	}

	/** @return whether there was one */
	synchronized boolean forget(String caller, String id) {
		boolean known = find(caller, id).isPresent();
		if (known)
			forget(id);
		return known;
	}

	private void forget(String id) {
		Kept gone = kept.remove(id);
		gone.items().forEach(item -> holders.remove(new Owned(gone.caller(), item), id));
		bytes -= gone.bytes();
	}
}
