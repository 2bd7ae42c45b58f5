package meshwork.openai;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import meshwork.api.chat.Message;
import meshwork.api.chat.Message.Part;
import meshwork.api.chat.Message.ToolCall;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes messages of the items that a response is given. What an assistant thinks, says and calls without a break is one message. */
final class ResponseItems {

	private final List<Message> messages = new ArrayList<>();
	private Optional<Turn> turn = Optional.empty();

	/** What an assistant has said so far. */
	private record Turn(Optional<String> reasoning, List<Part> content, List<ToolCall> calls) {
		Turn(Optional<String> reasoning) {
			this(reasoning, new ArrayList<>(), new ArrayList<>());
		}

		Message message() {
			return new Message("assistant", content, Optional.empty(), calls, Optional.empty(), reasoning);
		}
	}

	private ResponseItems() {
	}

	/**
	 * The items of a request, each complete: with its type, an id, and its content in parts.
	 *
	 * @param known finds an item that was said or given before
	 */
	static List<Fields> given(Fields fields, Function<String, Optional<JsonNode>> known) {
		JsonNode input = fields.required("input");
		if (input.isString())
			return List.of(new Fields(complete(Json.object("{\"role\": \"user\"}").set("content", input)), "input"));
		List<Fields> items = fields.objects("input");
		return items.stream().map(item -> new Fields(isReference(item) ? referred(item, known) : complete(item.object()), item.path())).toList();
	}

	private static boolean isReference(Fields item) {
		return item.text("type").map("item_reference"::equals).orElse(!item.has("role"));
	}

	private static JsonNode referred(Fields item, Function<String, Optional<JsonNode>> known) {
		String id = item.text("id").orElseThrow(() -> Refusal.missing(item.name("id")));
		return known.apply(id).orElseThrow(() -> item.wrong("id", "is '%s', and no such item is kept here".formatted(id)));
	}

	private static JsonNode complete(JsonNode given) {
		ObjectNode item = (ObjectNode) given.deepCopy();
		if (!item.path("type").isString())
			item.put("type", "message");
		String type = item.get("type").stringValue();
		if (!item.path("id").isString())
			item.put("id", Heading.name(switch (type) {
				case "function_call" -> "fc_";
				case "function_call_output" -> "fco_";
				case "reasoning" -> "rs_";
				default -> "msg_";
			}));
		if (!item.path("status").isString())
			item.put("status", "completed");
		if (type.equals("message") && item.path("content").isString()) {
			String text = item.get("content").stringValue();
			boolean said = item.path("role").asString("").equals("assistant");
			item.putArray("content").addObject().put("type", said ? "output_text" : "input_text").put("text", text);
		}
		return item;
	}

	/** @param items complete ones */
	static List<Message> messages(Stream<Fields> items) {
		var all = new ResponseItems();
		items.forEach(all::add);
		all.endTurn();
		return all.messages;
	}

	private void add(Fields item) {
		String type = item.text("type").orElseThrow();
		switch (type) {
			case "message" -> message(item);
			case "reasoning" -> {
				endTurn();
				turn = Optional.of(new Turn(Optional.of(thoughts(item)).filter(thoughts -> !thoughts.isEmpty())));
			}
			case "function_call" -> turn().calls().add(Conversations.call(callId(item), item));
			case "function_call_output" -> {
				endTurn();
				item.required("output");
				messages.add(new Message("tool", Conversations.content(item, "output"), Optional.empty(), List.of(), Optional.of(callId(item)),
						Optional.empty()));
			}
			default -> throw item.unsupported("type", "is '%s', and only messages, reasoning, function calls and their outputs are understood"
					.formatted(type));
		}
	}

	private void message(Fields item) {
		String role = item.text("role").orElseThrow(() -> Refusal.missing(item.name("role")));
		item.required("content");
		List<Part> content = Conversations.content(item, "content");
		switch (role) {
			case "assistant" -> {
				// what was called before is another turn
				if (turn.filter(begun -> !begun.calls().isEmpty()).isPresent())
					endTurn();
				turn().content().addAll(content);
			}
			case "user", "system", "developer" -> {
				endTurn();
				messages.add(new Message(role, content, Optional.empty(), List.of(), Optional.empty(), Optional.empty()));
			}
			default -> throw item.wrong("role", "is '%s': it has to be one of user, assistant, system, developer".formatted(role));
		}
	}

	private static String callId(Fields item) {
		return item.text("call_id").orElseThrow(() -> Refusal.missing(item.name("call_id")));
	}

	/** What was thought, or what it came to if nothing else was given. */
	private static String thoughts(Fields item) {
		String member = item.array("content").isEmpty() ? "summary" : "content";
		return item.objects(member).stream().map(part -> part.text("text").orElse("")).collect(Collectors.joining("\n"));
	}

	private Turn turn() {
		if (turn.isEmpty())
			turn = Optional.of(new Turn(Optional.empty()));
		return turn.get();
	}

	private void endTurn() {
		turn.ifPresent(said -> messages.add(said.message()));
		turn = Optional.empty();
	}
}
