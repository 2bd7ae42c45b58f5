package meshwork.openai;

import java.util.List;
import java.util.Locale;
import java.util.Set;

import tools.jackson.databind.node.ObjectNode;

/**
 * The response object: what the request said, and what became of it.
 *
 * @param said all of it but what became of it
 */
record Reply(String id, ObjectNode said) {

	/** Where a response stands. */
	enum Status {
		QUEUED, IN_PROGRESS, COMPLETED, INCOMPLETE, FAILED, CANCELLED;

		@Override
		public String toString() {
			return name().toLowerCase(Locale.ROOT);
		}
	}

	private static final ObjectNode FORM = Json.object("""
			{"id": null, "object": "response", "created_at": 0, "status": null, "background": false, "error": null, "incomplete_details": null,
			 "instructions": null, "max_output_tokens": null, "max_tool_calls": null, "model": null, "output": [], "parallel_tool_calls": true,
			 "previous_response_id": null, "prompt_cache_key": null, "reasoning": {"effort": null, "summary": null}, "safety_identifier": null,
			 "service_tier": "default", "store": true, "temperature": 1.0, "text": {"format": {"type": "text"}}, "tool_choice": "auto",
			 "tools": [], "top_logprobs": 0, "top_p": 1.0, "truncation": "disabled", "usage": null, "user": null, "metadata": {}}""");

	/** What the request can't say. */
	private static final Set<String> OURS = Set.of("id", "object", "created_at", "status", "error", "incomplete_details", "output", "service_tier", "usage");

	static Reply of(Fields fields, Heading heading) {
		ObjectNode said = FORM.deepCopy();
		FORM.propertyNames().stream().filter(name -> !OURS.contains(name)).forEach(name -> fields.any(name).ifPresent(value -> said.set(name, value)));
		return new Reply(heading.id(), said.put("id", heading.id()).put("created_at", heading.created()));
	}

	String model() {
		return said.get("model").stringValue();
	}

	/** @param output the items that are complete */
	ObjectNode as(Status status, List<Item> output) {
		ObjectNode now = said.deepCopy().put("status", status.toString());
		output.forEach(now.withArray("output")::addPOJO);
		return now;
	}
}
