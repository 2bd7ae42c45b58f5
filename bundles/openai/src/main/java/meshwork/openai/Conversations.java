package meshwork.openai;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import meshwork.api.chat.Conversation;
import meshwork.api.chat.Conversation.Tool;
import meshwork.api.chat.Message;
import meshwork.api.chat.Message.Part;
import meshwork.api.chat.Message.ToolCall;
import tools.jackson.databind.JsonNode;

/** Reads conversations: messages, tools, and variables for the template. */
final class Conversations {

	private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool", "function");
	private static final Set<String> MUST_SPEAK = Set.of("system", "developer", "user");

	private Conversations() {
	}

	static Conversation read(Fields fields, List<Tool> tools) {
		fields.required("messages");
		List<Message> messages = fields.objects("messages").stream().map(Conversations::message).toList();
		if (messages.isEmpty())
			throw fields.wrong("messages", "has to have a message at least");
		return new Conversation(messages, tools, variables(fields, fields.text("reasoning_effort")));
	}

	private static Message message(Fields fields) {
		String role = fields.text("role").orElseThrow(() -> Refusal.missing(fields.name("role")));
		if (!ROLES.contains(role))
			throw fields.wrong("role", "is '%s': it has to be one of system, developer, user, assistant, tool".formatted(role));
		List<ToolCall> calls = fields.object("function_call").map(function -> List.of(call("", function)))
				.orElseGet(() -> fields.objects("tool_calls").stream().map(Conversations::call).toList());
		if (!fields.has("content") && MUST_SPEAK.contains(role))
			throw Refusal.missing(fields.name("content"));
		// a function is what a tool was called before it was called so
		return new Message(role.equals("function") ? "tool" : role, content(fields, "content"), fields.text("name"), calls, fields.text("tool_call_id"),
				fields.text("reasoning_content"));
	}

	/** A text, or several parts. */
	static List<Part> content(Fields fields, String member) {
		Optional<JsonNode> content = fields.any(member);
		if (content.isEmpty())
			return List.of();
		if (content.get().isString())
			return List.of(new Part.Text(content.get().stringValue()));
		if (!content.get().isArray())
			throw fields.type(member, "a string or an array", content.get());
		return fields.objects(member).stream().map(Conversations::part).toList();
	}

	private static Part part(Fields fields) {
		String type = fields.text("type").orElseThrow(() -> Refusal.missing(fields.name("type")));
		return switch (type) {
			case "text", "input_text", "output_text" -> new Part.Text(fields.text("text").orElseThrow(() -> Refusal.missing(fields.name("text"))));
			case "refusal" -> new Part.Text(fields.text("refusal").orElseThrow(() -> Refusal.missing(fields.name("refusal"))));
			default -> throw fields.unsupported("type", "is '%s', and only text is understood".formatted(type));
		};
	}

	private static ToolCall call(Fields fields) {
		return call(fields.text("id").orElse(""), fields.object("function").orElseThrow(() -> Refusal.missing(fields.name("function"))));
	}

	/** @param function its name, and its arguments as a text of JSON */
	static ToolCall call(String id, Fields function) {
		String arguments = function.text("arguments").orElse("");
		return new ToolCall(id, function.text("name").orElseThrow(() -> Refusal.missing(function.name("name"))),
				arguments.isBlank() ? Map.of() : arguments(function, arguments));
	}

	private static Map<String, Object> arguments(Fields function, String text) {
		JsonNode arguments;
		try {
			arguments = Json.read(text.getBytes(StandardCharsets.UTF_8));
		} catch (Refusal e) {
			throw function.wrong("arguments", "is not JSON");
		}
		if (!arguments.isObject())
			throw function.wrong("arguments", "is not a JSON object");
		return Json.map(arguments);
	}

	/** What llama-server's clients give to the template by name, and the effort that OpenAI's give. */
	static Map<String, Object> variables(Fields fields, Optional<String> effort) {
		var variables = new HashMap<String, Object>();
		effort.ifPresent(each -> variables.put("reasoning_effort", each));
		effort.filter("none"::equals).ifPresent(_ -> variables.put("enable_thinking", false));
		fields.object("chat_template_kwargs").ifPresent(given -> Json.map(given.object()).forEach((name, value) -> {
			if (value != null)
				variables.put(name, value);
		}));
		return variables;
	}
}
